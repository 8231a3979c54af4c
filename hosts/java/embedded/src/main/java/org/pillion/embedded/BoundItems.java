package org.pillion.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.registry.ItemBinding;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.ResidentItems;
import org.pillion.scoring.Scorer;

/** The items that requests name, as each model takes them. */
final class BoundItems {
  private static final int BYTES_PER_ITEM = 256;

  /** The table in use, the one before it, and the model's own. */
  private static final int TABLES_OF_A_MODEL = 3;

  private final ModelRepository repository;
  private final ItemSource source;

  /** The newest first; replaced as a whole. */
  private volatile List<Bound> bindings = List.of();

  private record Bound(Scorer scorer, ItemTable table, ItemBinding binding, ItemVectors vectors) {}

  /**
   * Items for a model.
   *
   * @param version the feature version; 0 for the model's own
   * @param table what they are called
   * @param resident what the model takes of them
   * @param vectors those that a first phase goes by
   */
  record Items(long version, ItemTable table, ResidentItems resident, ItemVectors vectors) {}

  BoundItems(ModelRepository repository, ItemSource source) {
    this.repository = repository;
    this.source = source;
  }

  /**
   * The items that a request of a model names.
   *
   * @param version the feature version; 0 for the model's own, else the active one
   * @throws InvalidRequest when there are none for the model at all
   * @throws RankerUnavailable when they are not in memory, or do not fit the model
   */
  Items find(ModelVersion model, long version) {
    if (version == 0 && model.items().isPresent()) {
      ItemTable own = model.items().get();
      return items(model, own, 0);
    }
    if (source == ItemSource.NONE) {
      throw new InvalidRequest(
          "ids",
          "version %d of the model '%s' has no item table, and no other items are in memory: describe the candidates instead of naming them by 'ids'"
              .formatted(model.id().version(), model.id().model()),
          null);
    }
    ItemSource.Items items =
        source
            .find(version)
            .orElseThrow(
                () ->
                    new RankerUnavailable(
                        RankerUnavailable.Kind.LACKS_ITEMS,
                        version == 0
                            ? "no items are in memory"
                            : "the items of feature version " + version + " are not in memory",
                        null));
    return items(model, items.table(), items.version());
  }

  /** Binds what the versions bring themselves, so that no request waits for it. */
  void prepare() {
    for (ModelVersion model : repository.catalog().versions()) {
      model.items().ifPresent(own -> binding(model, own));
    }
  }

  private Items items(ModelVersion model, ItemTable table, long version) {
    Bound bound = binding(model, table);
    ItemBinding binding = bound.binding;
    if (binding.problem() != null) {
      throw new RankerUnavailable(
          RankerUnavailable.Kind.LACKS_ITEMS,
          "the items of feature version %d do not fit version %d of the model '%s': they %s"
              .formatted(version, model.id().version(), model.id().model(), binding.problem()),
          null);
    }
    return new Items(version, table, binding.items(), bound.vectors);
  }

  private Bound binding(ModelVersion model, ItemTable table) {
    Bound known = known(model.scorer(), table);
    return known != null ? known : bind(model, table);
  }

  private Bound known(Scorer scorer, ItemTable table) {
    for (Bound bound : bindings) {
      if (bound.scorer == scorer && bound.table == table) {
        return bound;
      }
    }
    return null;
  }

  private synchronized Bound bind(ModelVersion model, ItemTable table) {
    Bound known = known(model.scorer(), table);
    if (known != null) {
      return known;
    }
    ItemBinding binding = ItemBinding.of(model, table, BYTES_PER_ITEM);
    ItemVectors vectors =
        binding.problem() == null ? new ItemVectors(binding.items().columns()) : null;
    Bound made = new Bound(model.scorer(), table, binding, vectors);
    List<Bound> kept = new ArrayList<>();
    kept.add(made);
    Set<Scorer> loaded =
        repository.catalog().versions().stream()
            .map(ModelVersion::scorer)
            .collect(Collectors.toSet());
    for (Bound bound : bindings) {
      long ofModel = kept.stream().filter(other -> other.scorer == bound.scorer).count();
      if (loaded.contains(bound.scorer) && ofModel < TABLES_OF_A_MODEL) {
        kept.add(bound);
      }
    }
    bindings = List.copyOf(kept);
    return made;
  }
}
