package org.pillion.features;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One feature version in a host's memory: items, titles and popularity lists; never changes. */
public final class Snapshot {
  /** The popularity list of everybody. */
  public static final String GLOBAL = Keys.GLOBAL;

  private final VersionMeta meta;
  private final FeatureItems items;
  private final AnswerPlace own;
  private final List<String> titles;
  private final Map<String, List<Object>> popularity;
  private final BatchAnswers batch;
  private final AnswerPlace answers;

  /** The numbers of items that have a name, and had no features. */
  private final Map<Object, Long> featureless = new HashMap<>();

  /**
   * A snapshot.
   *
   * @param batch the run whose answers are in use; null where there is none
   * @param before where these are, if they are of a version before; null where they are of this one
   */
  Snapshot(
      VersionMeta meta,
      VersionReader.Contents contents,
      List<String> titles,
      BatchAnswers batch,
      AnswerPlace before)
      throws StoreException {
    this.meta = meta;
    this.items = contents.items();
    this.own =
        new AnswerPlace(items.version(), meta.userBuckets(), meta.idWidth(), contents.names());
    this.titles = titles;
    this.batch = batch;
    this.answers = before == null ? own : before;
    for (int i = 0; contents.names() != null && i < contents.names().length; i++) {
      if (!has(contents.names()[i])) {
        featureless.put(contents.names()[i], (long) i);
      }
    }
    this.popularity = new LinkedHashMap<>();
    for (Map.Entry<String, long[]> list : contents.popularity().entrySet()) {
      popularity.put(list.getKey(), own.ids(list.getValue()));
    }
  }

  /** The feature version. */
  public long version() {
    return items.version();
  }

  /** When it was published, in seconds since 1970 UTC. */
  public double created() {
    return items.created();
  }

  /** The items with their features. */
  public FeatureItems items() {
    return items;
  }

  /**
   * The run whose answers, computed ahead, are in use; empty where there are none. Until there is a
   * run of this feature version, it is the last one, of a version before.
   */
  public Optional<BatchAnswers> batch() {
    return Optional.ofNullable(batch);
  }

  /** Whether the answers computed ahead are of this feature version, and not of one before. */
  public boolean answersAreOwn() {
    return answers == own;
  }

  /** Whether the ids of users are texts, and not whole numbers. */
  public boolean textUsers() {
    return meta.userBuckets() > 0;
  }

  /** Whether the ids of items are texts, and not whole numbers. */
  public boolean textItems() {
    return own.names() != null;
  }

  /** The names of the popularity lists: {@code global}, and segments such as {@code country=DE}. */
  public Set<String> lists() {
    return popularity.keySet();
  }

  /** Ids of popular items by falling count, also of those that have no features. */
  public List<Object> popular(String list) {
    return popularity.get(list);
  }

  /** Whether an item has features. */
  public boolean has(Object item) {
    return items.table().row(item) >= 0;
  }

  /** The title of an item; null where it has none. */
  public String title(Object item) {
    int row = items.table().row(item);
    return row < 0 ? null : titles.get(row);
  }

  VersionMeta meta() {
    return meta;
  }

  /** The numbers that items without features have in the store; those without one are left out. */
  Map<Object, Long> numbers(List<?> items) {
    Map<Object, Long> numbers = new LinkedHashMap<>();
    for (Object item : items) {
      Long whole = item instanceof Long id ? id : null;
      Long number = own.names() == null ? whole : featureless.get(item);
      if (number != null) {
        numbers.put(item, number);
      }
    }
    return numbers;
  }

  /** The ids of packed items. */
  List<Object> ids(byte[] packed) throws StoreException {
    return own.ids(packed);
  }

  /** Where the batch answers are, which may be of a version before. */
  AnswerPlace answers() {
    return answers;
  }

  /** The items of a batch answer, best first; of a version before, those that are still here. */
  List<Object> answer(byte[] packed) throws StoreException {
    List<Object> ids = answers.ids(packed);
    return answers == own ? ids : ids.stream().filter(this::has).toList();
  }
}
