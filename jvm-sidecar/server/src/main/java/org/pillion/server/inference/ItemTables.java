package org.pillion.server.inference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pillion.features.FeatureItems;
import org.pillion.features.FeatureVersions;
import org.pillion.registry.ItemBinding;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.Scorer;
import org.pillion.server.errors.RequestException;

/** The tables whose items requests name: models' own, and those of feature versions. */
public final class ItemTables {
  private static final int MOST_BYTES_PER_ITEM = 256;
  private static final int ROOM_SHARE = 8;

  private final Models models;
  private final Optional<FeatureVersions> versions;

  /** By what is bound; replaced as a whole. */
  private volatile Map<Key, Bound> bindings = Map.of();

  /** A model's and a table's identity. */
  private record Key(Scorer scorer, ItemTable table) {}

  /**
   * What a table gives a model; the vectors that a first phase goes by are null where it does not
   * fit.
   */
  private record Bound(ItemBinding binding, ItemVectors vectors) {
    static Bound of(ItemBinding binding) {
      boolean fits = binding.problem() == null;
      return new Bound(binding, fits ? new ItemVectors(binding.items().columns()) : null);
    }

    TableItems table(ItemTable table, FeatureItems version) {
      return new TableItems(table, binding.items(), vectors, version);
    }
  }

  /**
   * Tables, none of which is bound to a model yet.
   *
   * @param versions the store's; empty where no store is named
   */
  public ItemTables(Models models, Optional<FeatureVersions> versions) {
    this.models = models;
    this.versions = versions;
  }

  /**
   * The items that a request of a model names.
   *
   * @param featureVersion whose items they are; 0 for the model's own, else the active ones
   * @throws RequestException with CONFLICT and the reason, where there are none at the moment
   */
  public TableItems find(ModelVersion model, long featureVersion) {
    if (featureVersion == 0 && model.items().isPresent()) {
      ItemTable own = model.items().get();
      return bound(model, own).table(own, null);
    }
    if (versions.isEmpty() && featureVersion == 0) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "the model has no item table, so its candidates are not given by their ids");
    }
    if (versions.isEmpty()) {
      throw refused(
          "the request names feature version %d, but the sidecar has no feature store"
              .formatted(featureVersion));
    }
    FeatureItems items =
        (featureVersion == 0 ? versions.get().active() : versions.get().find(featureVersion))
            .orElseThrow(() -> refused(absent(versions.get(), featureVersion)));
    Bound bound = bound(model, items.table());
    if (bound.binding().problem() != null) {
      throw refused(unfit(model, items, bound.binding()));
    }
    return bound.table(items.table(), items);
  }

  /**
   * The items of the active feature version that a model can rank, or of its own table.
   *
   * @return empty where there are none
   */
  public Optional<TableItems> active(ModelVersion model) {
    try {
      return Optional.of(find(model, 0));
    } catch (RequestException e) {
      return Optional.empty();
    }
  }

  /** Why requests of a model cannot name items, in one sentence; empty where they can. */
  public Optional<String> problem(ModelVersion model) {
    try {
      find(model, 0);
      return Optional.empty();
    } catch (RequestException e) {
      return versions.isEmpty() ? Optional.empty() : Optional.of(e.getMessage());
    }
  }

  private static RequestException refused(String sentence) {
    return new RequestException(RequestException.Kind.CONFLICT, sentence);
  }

  private static String absent(FeatureVersions versions, long wanted) {
    String problem = versions.problem().map(text -> ": " + text).orElse("");
    if (versions.active().isEmpty()) {
      return "no items of the feature store are in memory" + problem;
    }
    String before = versions.before().map(items -> " and version " + items.version()).orElse("");
    return "the items of feature version %d are not in memory, but those of version %d%s%s"
        .formatted(wanted, versions.active().get().version(), before, problem);
  }

  private static String unfit(ModelVersion model, FeatureItems items, ItemBinding binding) {
    return "the items of feature version %d do not fit version %d of the model '%s': they %s"
        .formatted(items.version(), model.id().version(), model.id().model(), binding.problem());
  }

  /** Binds items to every model that can serve, so that no request waits for it. */
  public void prepare(FeatureItems items) {
    models.catalog().versions().stream()
        .filter(model -> model.ranking().isPresent())
        .forEach(model -> bound(model, items.table()));
  }

  private Bound bound(ModelVersion model, ItemTable table) {
    Key key = new Key(model.scorer(), table);
    Bound known = bindings.get(key);
    return known != null ? known : bind(model, key);
  }

  private synchronized Bound bind(ModelVersion model, Key key) {
    Bound known = bindings.get(key);
    if (known != null) {
      return known;
    }
    int bytes = model.owns(key.table) ? MOST_BYTES_PER_ITEM : bytesPerItem(key.table);
    Bound made = Bound.of(ItemBinding.of(model, key.table, bytes));
    Map<Key, Bound> kept = new HashMap<>(bindings);
    List<ModelVersion> loaded = models.catalog().versions();
    kept.keySet()
        .removeIf(
            other ->
                loaded.stream().noneMatch(one -> one.scorer().equals(other.scorer))
                    || other.table != key.table
                        && !isOfTheStore(other.table)
                        && loaded.stream().noneMatch(one -> one.owns(other.table)));
    kept.put(key, made);
    bindings = Map.copyOf(kept);
    return made;
  }

  /** What may be kept of an item for a model: a part of the room that is left for all. */
  private int bytesPerItem(ItemTable table) {
    long room = versions.map(FeatureVersions::room).orElse(0L) / ROOM_SHARE;
    return (int) Math.min(MOST_BYTES_PER_ITEM, room / Math.max(1, table.rows()));
  }

  private boolean isOfTheStore(ItemTable table) {
    return versions.stream()
        .flatMap(v -> Stream.concat(v.active().stream(), v.before().stream()))
        .anyMatch(items -> items.table() == table);
  }
}
