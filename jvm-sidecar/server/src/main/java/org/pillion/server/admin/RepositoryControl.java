package org.pillion.server.admin;

import java.io.IOException;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pillion.registry.Catalog;
import org.pillion.registry.ChangeRefused;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.ServingChange;
import org.pillion.server.errors.RequestException;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.text.Truncated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

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

    /** The version where none is named. */
    private String otherwise() {
      return this == PROMOTE ? "newest" : "previous";
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
   * Makes a change, and waits for it; the log says who made it.
   *
   * @param operator the name of the caller
   * @param version the version, or 0 for none
   * @throws RequestException when it is refused, or the repository cannot be read
   */
  public ServingChange change(String operator, Action action, String model, long version) {
    String name = action.name().toLowerCase(Locale.ROOT);
    Function<Level, LoggingEventBuilder> line =
        level -> {
          LoggingEventBuilder asked =
              LOG.atLevel(level)
                  .addKeyValue("operator", operator)
                  .addKeyValue("action", name)
                  .addKeyValue("model", Truncated.of(model));
          return action.takesVersion()
              ? asked.addKeyValue(
                  "version", version > 0 ? Long.toString(version) : action.otherwise())
              : asked;
        };
    RequestException.Kind kind;
    String outcome;
    String reason;
    try {
      ServingChange change =
          switch (action) {
            case LOAD -> load(model);
            case UNLOAD -> repository.unload(model);
            case PROMOTE -> repository.promote(model, version);
            case ROLLBACK -> repository.rollback(model, version);
          };
      metrics.operated(name, "done");
      line.apply(Level.INFO)
          .addKeyValue("before", text(change.before()))
          .addKeyValue("serving", text(change.serving()))
          .log("an operator's change was made");
      return change;
    } catch (ChangeRefused e) {
      kind = kind(e.kind());
      outcome = e.kind() == ChangeRefused.Kind.NOT_KEPT ? "failed" : "refused";
      reason = Truncated.of(e.getMessage(), MAX_REASON);
    } catch (IOException e) {
      kind = RequestException.Kind.INTERNAL;
      outcome = "failed";
      // The exception's own message has a path.
      reason =
          catalog().problems().stream()
              .filter(problem -> problem.model().isEmpty())
              .map(FolderProblem::reason)
              .findFirst()
              .orElse("the repository could not be read");
    }
    metrics.operated(name, outcome);
    line.apply(Level.WARN).addKeyValue("reason", reason).log("an operator's change was " + outcome);
    throw new RequestException(kind, reason);
  }

  private static String text(OptionalLong version) {
    return version.isPresent() ? Long.toString(version.getAsLong()) : "none";
  }

  private ServingChange load(String model) throws ChangeRefused, IOException {
    OptionalLong before = serving(model);
    reloads.accept(repository.load(model));
    return new ServingChange(model, before, serving(model));
  }

  private OptionalLong serving(String model) {
    Long version = catalog().serving().get(model);
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  private static RequestException.Kind kind(ChangeRefused.Kind kind) {
    return switch (kind) {
      case UNKNOWN -> RequestException.Kind.NOT_FOUND;
      case NOT_POSSIBLE -> RequestException.Kind.CONFLICT;
      case NOT_KEPT -> RequestException.Kind.INTERNAL;
    };
  }
}
