package org.pillion.server;

import org.pillion.registry.Catalog;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;

/** The versions that requests name, or the status that says why there is none. */
final class Models {
  private final ModelRepository repository;

  Models(ModelRepository repository) {
    this.repository = repository;
  }

  Catalog catalog() {
    return repository.catalog();
  }

  /**
   * The version a request is for.
   *
   * @throws HttpFailure with 404 when it does not exist, with 503 when it cannot serve
   */
  ModelVersion find(Target target) {
    Catalog catalog = catalog();
    String model = target.model();
    if (!catalog.knows(model)) {
      throw new HttpFailure(404, "there is no model '" + Excerpt.of(model) + "'");
    }
    if (target.version() == null) {
      return catalog
          .serving(model)
          .orElseThrow(
              () -> new HttpFailure(503, "the model '" + model + "' has no version that is ready"));
    }
    VersionId id = new VersionId(model, number(target));
    return catalog
        .version(id)
        .orElseThrow(
            () ->
                catalog
                    .status(id)
                    .map(
                        status ->
                            new HttpFailure(
                                503,
                                "version %d of the model '%s' is not ready: %s"
                                    .formatted(id.version(), model, status.reason())))
                    .orElseGet(() -> noVersion(target)));
  }

  private static int number(Target target) {
    try {
      return Integer.parseInt(target.version());
    } catch (NumberFormatException e) {
      throw noVersion(target);
    }
  }

  private static HttpFailure noVersion(Target target) {
    return new HttpFailure(
        404,
        "the model '%s' has no version %s".formatted(target.model(), Excerpt.of(target.version())));
  }
}
