package org.pillion.server.admin;

import java.io.IOException;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.pillion.registry.Catalog;
import org.pillion.registry.ChangeRefused;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.ServingChange;
import org.pillion.server.errors.RequestException;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.text.Truncated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The changes of the model repository that operators ask for, over any transport. */
public final class RepositoryControl {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryControl.class);
  private static final int MAX_REASON = 500;

  private final ModelRepository repository;
  private final Consumer<ReloadReport> reloads;
  private final Metrics metrics;

  /** A change. */
  public enum Action {
    LOAD,
    UNLOAD,
    PROMOTE,
    ROLLBACK;

    /** Whether a version can be named. */
    public boolean takesVersion() {
      return this == PROMOTE || this == ROLLBACK;
    }
  }

  /**
   * A control.
   *
   * @param reloads receives what a load changed
   */
  public RepositoryControl(
      ModelRepository repository, Consumer<ReloadReport> reloads, Metrics metrics) {
    this.repository = repository;
    this.reloads = reloads;
    this.metrics = metrics;
  }

  public Catalog catalog() {
    return repository.catalog();
  }

  /**
   * Makes a change, and waits for it.
   *
   * @param version the version, or 0 for none
   * @throws RequestException when it is refused, or the repository cannot be read
   */
  public ServingChange change(Action action, String model, long version) {
    String name = action.name().toLowerCase(Locale.ROOT);
    try {
      ServingChange change =
          switch (action) {
            case LOAD -> load(model);
            case UNLOAD -> repository.unload(model);
            case PROMOTE -> repository.promote(model, version);
            case ROLLBACK -> repository.rollback(model, version);
          };
      metrics.operated(name, "done");
      LOG.info("an operator asked for {} of '{}': done", name, model);
      return change;
    } catch (ChangeRefused e) {
      metrics.operated(name, "refused");
      LOG.warn("an operator asked for {} of '{}': {}", name, Truncated.of(model), e.getMessage());
      throw new RequestException(kind(e.kind()), Truncated.of(e.getMessage(), MAX_REASON));
    } catch (IOException e) {
      metrics.operated(name, "failed");
      LOG.error("the model repository cannot be read", e);
      throw new RequestException(
          RequestException.Kind.INTERNAL, "the model repository cannot be read; see the log");
    }
  }

  private ServingChange load(String model) throws ChangeRefused, IOException {
    reloads.accept(repository.load(model));
    OptionalLong serving =
        catalog().serving(model).stream().mapToLong(v -> v.id().version()).findFirst();
    return new ServingChange(model, serving, serving);
  }

  private static RequestException.Kind kind(ChangeRefused.Kind kind) {
    return switch (kind) {
      case UNKNOWN -> RequestException.Kind.NOT_FOUND;
      case NOT_POSSIBLE -> RequestException.Kind.CONFLICT;
      case NOT_KEPT -> RequestException.Kind.INTERNAL;
    };
  }
}
