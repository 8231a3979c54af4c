package org.pillion.ranker;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.scoring.FeatureContract;

/**
 * What is to be ranked, for whom.
 *
 * <p>Candidates are full rows ({@link Builder#candidates} without a context), a context given once
 * with described candidates, or a context with the ids of items that stand beside the model ({@link
 * Builder#ids}). A model whose classes are its items takes a context alone. A value is a {@code
 * Boolean}, a whole or a floating-point number, a {@code String}, or null where it is missing. A
 * field that the version does not take is left aside, and one that nobody gives is missing, so that
 * a host can give what it has while versions change.
 */
public final class RankRequest {
  /**
   * A first phase, which picks the candidates of all items that stand beside the model: those whose
   * vectors have the largest dot products with the user's.
   *
   * <p>An element of a vector is an input of the model: those of {@code user_factor} are {@code
   * user_factor_0}, {@code user_factor_1} and so on. The user's are given in the context.
   *
   * @param user the name of the user's vector
   * @param item the name of the items' vectors
   * @param size how many items are picked, at most
   */
  public record FirstPhase(String user, String item, int size) {}

  private final String model;
  private final long version;
  private final int k;
  private final Map<String, Object> context;
  private final List<?> ids;
  private final Map<String, List<?>> candidates;
  private final List<?> names;
  private final List<?> excluded;
  private final long featureVersion;
  private final boolean strict;
  private final FirstPhase firstPhase;
  private final Map<String, Object> itemDefaults;

  private RankRequest(Builder builder) {
    model = builder.model;
    version = builder.version;
    k = builder.k;
    context = Collections.unmodifiableMap(new LinkedHashMap<>(builder.context));
    ids = builder.ids == null ? null : List.copyOf(builder.ids);
    candidates =
        builder.candidates == null
            ? null
            : Collections.unmodifiableMap(new LinkedHashMap<>(builder.candidates));
    names = builder.names == null ? null : List.copyOf(builder.names);
    excluded = List.copyOf(builder.excluded);
    featureVersion = builder.featureVersion;
    strict = builder.strict;
    firstPhase = builder.firstPhase;
    itemDefaults = Map.copyOf(builder.itemDefaults);
  }

  /** A request of a model, for its ten best items. */
  public static Builder of(String model) {
    return new Builder(model);
  }

  /** The model. */
  public String model() {
    return model;
  }

  /** The version, or 0 for the one that serves. */
  public long version() {
    return version;
  }

  /** How many items are wanted, at most. */
  public int k() {
    return k;
  }

  /** What counts for all candidates. */
  public Map<String, Object> context() {
    return context;
  }

  /**
   * Ids of items that stand beside the model, or of classes that may be returned, {@code Long} or
   * {@code String}; null for none.
   */
  public List<?> ids() {
    return ids;
  }

  /** Values by field, one a candidate; null where no candidates are described. */
  public Map<String, List<?>> candidates() {
    return candidates;
  }

  /** What described candidates are called; null for their numbers from 0. */
  public List<?> names() {
    return names;
  }

  /** Ids of items that are left out. */
  public List<?> excluded() {
    return excluded;
  }

  /** The feature version whose items the ids name; 0 for the active one, or the model's own. */
  public long featureVersion() {
    return featureVersion;
  }

  /** What picks the candidates of all items; null where ids name them, or they are described. */
  public FirstPhase firstPhase() {
    return firstPhase;
  }

  /** What stands in where a candidate has no value of a field, by field. */
  public Map<String, Object> itemDefaults() {
    return itemDefaults;
  }

  /** Whether a field that the version does not take is an error. */
  public boolean strict() {
    return strict;
  }

  /**
   * Refuses fields that a version does not take, where the request is strict.
   *
   * @param contract the version's
   * @throws InvalidRequest naming the first of them
   */
  public void requireKnown(FeatureContract contract) {
    if (strict) {
      requireKnown(contract, context.keySet());
      requireKnown(contract, candidates == null ? Set.of() : candidates.keySet());
    }
  }

  private static void requireKnown(FeatureContract contract, Set<String> names) {
    for (String name : names) {
      if (!contract.inputPositions().containsKey(name)) {
        throw new InvalidRequest(
            name, "the field '" + name + "' is not an input of the model", null);
      }
    }
  }

  /**
   * How many candidates are described.
   *
   * @throws InvalidRequest when fields have different numbers of values
   */
  public int described() {
    return candidates == null ? 0 : Columns.rows(candidates);
  }

  /** Collects the parts of a request. */
  public static final class Builder {
    private final String model;
    private long version;
    private int k = 10;
    private Map<String, ?> context = Map.of();
    private List<?> ids;
    private Map<String, ? extends List<?>> candidates;
    private List<?> names;
    private List<?> excluded = List.of();
    private long featureVersion;
    private boolean strict;
    private FirstPhase firstPhase;
    private Map<String, ?> itemDefaults = Map.of();

    private Builder(String model) {
      this.model = model;
    }

    /** Pins a version, in place of the one that serves. */
    public Builder version(long version) {
      this.version = version;
      return this;
    }

    /** How many items are wanted, at most. */
    public Builder k(int k) {
      this.k = k;
      return this;
    }

    /** What counts for all candidates: values by field. */
    public Builder context(Map<String, ?> values) {
      this.context = values;
      return this;
    }

    /**
     * Names items that stand beside the model, all {@code Long} or all {@code String}; for a model
     * whose classes are its items, which of them may be returned.
     */
    public Builder ids(List<?> ids) {
      this.ids = ids;
      return this;
    }

    /**
     * Describes candidates: values by field, one a candidate. Beside {@link #ids} they are further
     * ones, and have names.
     */
    public Builder candidates(Map<String, ? extends List<?>> values) {
      this.candidates = values;
      return this;
    }

    /** What described candidates are called, all {@code Long} or all {@code String}. */
    public Builder names(List<?> names) {
      this.names = names;
      return this;
    }

    /** Items that are left out, where they are named by their ids or are the model's classes. */
    public Builder excluded(List<?> ids) {
      this.excluded = ids;
      return this;
    }

    /** The feature version whose items the ids name. */
    public Builder featureVersion(long version) {
      this.featureVersion = version;
      return this;
    }

    /** Picks the candidates of all items that stand beside the model, in place of ids. */
    public Builder firstPhase(FirstPhase phase) {
      this.firstPhase = phase;
      return this;
    }

    /** What stands in where a candidate has no value of a field: a value by field. */
    public Builder itemDefaults(Map<String, ?> values) {
      this.itemDefaults = values;
      return this;
    }

    /** Refuses fields that the version does not take. */
    public Builder strict() {
      this.strict = true;
      return this;
    }

    /**
     * The request.
     *
     * @throws InvalidRequest when its parts don't go together; names the part
     */
    public RankRequest build() {
      require(!model.isEmpty(), "model", "the request names no model");
      require(version >= 0, "version", "the field 'version' is negative");
      require(k > 0, "k", "the field 'k' must be a whole number from 1, not " + k);
      require(
          ids == null || candidates == null || names != null,
          "names",
          "the request names candidates by 'ids' and describes some in 'candidates': those need"
              + " 'names'");
      require(
          firstPhase == null || ids == null && candidates == null,
          "ids",
          "a first phase picks the candidates, so the request gives none");
      require(
          firstPhase == null || firstPhase.size() > 0,
          "firstPhase",
          "a first phase picks a number of items from 1 on");
      requireIds("ids", ids);
      requireIds("names", names);
      requireIds("excluded", excluded);
      RankRequest request = new RankRequest(this);
      int described = request.described();
      require(
          names == null || names.size() == described,
          "names",
          "'names' has %d values, but there are %d candidates"
              .formatted(names == null ? 0 : names.size(), described));
      return request;
    }

    private static void requireIds(String part, List<?> ids) {
      if (ids == null || ids.isEmpty()) {
        return;
      }
      boolean texts = ids.get(0) instanceof String;
      for (int i = 0; i < ids.size(); i++) {
        Object id = ids.get(i);
        if (!(texts ? id instanceof String : id instanceof Long)) {
          throw new InvalidRequest(
              part,
              "'%s', index %d: ids are all Long or all String, not %s"
                  .formatted(part, i, id == null ? "null" : id.getClass().getSimpleName()),
              null);
        }
      }
    }

    private static void require(boolean holds, String field, String message) {
      if (!holds) {
        throw new InvalidRequest(field, message, null);
      }
    }
  }
}
