package org.pillion.server.inference;

import java.util.List;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/** Finds the version that a request names, or the reason why it cannot serve. */
public final class Models {
  private final ModelRepository repository;
  private volatile boolean warm;

  /** The models of a repository, which are not ready before {@link #warmed()}. */
  public Models(ModelRepository repository) {
    this.repository = repository;
  }

  /** Says that the sidecar has warmed up. */
  public void warmed() {
    warm = true;
  }

  /** Whether the sidecar is warm, and every model serves that has to. */
  public boolean ready() {
    return warm && catalog().ready();
  }

  public Catalog catalog() {
    return repository.catalog();
  }

  /**
   * The version a request is for.
   *
   * @param version as the caller writes it, or null for the one that serves
   * @throws RequestException with 404 when it does not exist, with 503 when it cannot serve
   */
  public ModelVersion find(String model, String version) {
    Catalog catalog = catalog();
    if (!catalog.knows(model)) {
      throw new RequestException(
          RequestException.Kind.NOT_FOUND, "there is no model '" + Truncated.of(model) + "'");
    }
    if (version == null) {
      return catalog
          .serving(model)
          .orElseThrow(
              () ->
                  new RequestException(
                      RequestException.Kind.UNAVAILABLE,
                      "the model '" + model + "' has no version that is ready"));
    }
    VersionId id = new VersionId(model, number(model, version));
    return catalog
        .version(id)
        .orElseThrow(
            () ->
                catalog
                    .status(id)
                    .map(
                        status ->
                            new RequestException(
                                RequestException.Kind.UNAVAILABLE,
                                "version %d of the model '%s' is not ready: %s"
                                    .formatted(id.version(), model, status.reason())))
                    .orElseGet(() -> noVersion(model, version)));
  }

  /**
   * Whether a version can serve.
   *
   * @throws RequestException with 404 when it does not exist
   */
  public boolean isReady(String model, String version) {
    try {
      find(model, version);
      return true;
    } catch (RequestException e) {
      if (e.kind() == RequestException.Kind.UNAVAILABLE) {
        return false;
      }
      throw e;
    }
  }

  /**
   * The versions that are loaded, of one model or of all.
   *
   * @param model a model's name, or null for every model
   * @param version a version of it, or null for every version
   * @throws RequestException when there is no such model or version
   */
  public List<VersionId> versions(String model, String version) {
    Catalog catalog = catalog();
    if (model == null) {
      return catalog.statuses().stream()
          .filter(VersionStatus::ready)
          .map(VersionStatus::id)
          .toList();
    }
    if (version != null) {
      return List.of(find(model, version).id());
    }
    find(model, null);
    return catalog.readyVersions(model).stream()
        .map(number -> new VersionId(model, number))
        .toList();
  }

  private static long number(String model, String version) {
    return VersionId.number(version).orElseThrow(() -> noVersion(model, version));
  }

  private static RequestException noVersion(String model, String version) {
    return new RequestException(
        RequestException.Kind.NOT_FOUND,
        "the model '%s' has no version %s".formatted(model, Truncated.of(version)));
  }
}
