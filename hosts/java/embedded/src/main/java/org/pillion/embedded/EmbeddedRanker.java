package org.pillion.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.ModelContract;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.Ranker;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.ranker.ScoreAnswer;
import org.pillion.ranker.ScoreRequest;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.Ranking;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.Engines;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ScoringException;

/**
 * Ranks in the host's own JVM by the models of a repository.
 *
 * <p>A thread looks at the repository from time to time: a new version is verified against its own
 * rows and warmed before it serves, and a version that does not reproduce them never does. {@link
 * #rank} and {@link #score} run on the calling thread.
 */
public final class EmbeddedRanker implements Ranker {
  private final ModelRepository repository;
  private final BoundItems items;
  private final ModelWatch watch;
  private final Executor executor;

  /** The pool that is this ranker's own; null where the host gave another. */
  private final ExecutorService pool;

  /** A copy of models from the class path; null for none. */
  private final Path copy;

  private volatile boolean closed;

  private EmbeddedRanker(Builder builder) {
    Engines engines = Engines.installed();
    copy = builder.copied ? builder.folder : null;
    repository =
        new ModelRepository(
            builder.folder,
            builder.folder.resolve(ModelRepository.STATE),
            builder.required,
            engines,
            Optional.empty());
    items = new BoundItems(repository, builder.items);
    Consumer<ReloadReport> listener = builder.listener;
    watch =
        new ModelWatch(
            repository,
            report -> {
              items.prepare();
              listener.accept(report);
            });
    pool = builder.executor == null ? pool(builder.threads) : null;
    executor = pool == null ? builder.executor : pool;
  }

  /** A ranker over the model repository in a folder. */
  public static Builder of(Path folder) {
    return new Builder(folder);
  }

  /**
   * A ranker over models that are packed with the host: a folder of its class path.
   *
   * @param folder the folder's name, for example {@code pillion-models}
   * @throws IllegalArgumentException when there is no such folder
   */
  public static Builder ofResource(String folder) {
    Builder builder =
        new Builder(ResourceFolder.copy(EmbeddedRanker.class.getClassLoader(), folder));
    builder.copied = true;
    return builder.poll(Duration.ZERO);
  }

  private static ExecutorService pool(int threads) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        // A longer queue would hold what nobody waits for any more.
        new ArrayBlockingQueue<>(64 * threads),
        task -> {
          Thread thread = new Thread(task, "pillion-rank-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** What the repository has at the moment: versions, which of them serve, and what was refused. */
  public Catalog catalog() {
    return repository.catalog();
  }

  /**
   * Looks at the repository now, on the calling thread.
   *
   * @throws IOException when its own folder or state cannot be read; what was loaded goes on
   *     serving
   */
  public void reload() throws IOException {
    watch.look();
  }

  @Override
  public RankAnswer rank(RankRequest request, Deadline deadline) {
    deadline.check();
    ModelVersion model = find(request.model(), request.version());
    return translated(() -> new RequestRanking(model, request, deadline).answer(items));
  }

  @Override
  public CompletableFuture<RankAnswer> rankAsync(RankRequest request, Deadline deadline) {
    try {
      return CompletableFuture.supplyAsync(() -> rank(request, deadline), executor);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new RankerUnavailable(
              RankerUnavailable.Kind.SATURATED, "as many requests wait as may", e));
    }
  }

  @Override
  public ScoreAnswer score(ScoreRequest request, Deadline deadline) {
    deadline.check();
    ModelVersion model = find(request.model(), request.version());
    return translated(
        () -> {
          ColumnBatch batch =
              Inputs.records(model.scorer().contract(), request.columns(), request.rows());
          return new ScoreAnswer(
              model.id().model(), model.id().version(), model.scorer().score(batch));
        });
  }

  @Override
  public ModelContract contract(String model, Deadline deadline) {
    ModelVersion serving = find(model, 0);
    return new ModelContract(
        serving.id().version(),
        serving.scorer().contract(),
        serving.sources(),
        serving.ranking().filter(Ranking.ByClass.class::isInstance).isPresent());
  }

  private ModelVersion find(String model, long version) {
    if (closed) {
      throw new RankerUnavailable(RankerUnavailable.Kind.REFUSED, "the ranker is closed", null);
    }
    Catalog catalog = repository.catalog();
    if (!catalog.knows(model)) {
      throw new InvalidRequest("model", "there is no model '" + model + "'", null);
    }
    if (version == 0) {
      return catalog
          .serving(model)
          .orElseThrow(
              () ->
                  new RankerUnavailable(
                      RankerUnavailable.Kind.REFUSED,
                      "the model '%s' has no version that is ready: %s"
                          .formatted(model, refusals(catalog)),
                      null));
    }
    return catalog
        .version(new VersionId(model, version))
        .orElseThrow(
            () ->
                new RankerUnavailable(
                    RankerUnavailable.Kind.REFUSED,
                    "the model '%s' has no version %d that is ready".formatted(model, version),
                    null));
  }

  private static <A> A translated(Supplier<A> call) {
    try {
      return call.get();
    } catch (InvalidInput e) {
      throw new InvalidRequest(e.field(), e.getMessage(), e);
    } catch (ScoringException e) {
      throw new RankerUnavailable(RankerUnavailable.Kind.FAILED, e.getMessage(), e);
    }
  }

  private static String refusals(Catalog catalog) {
    return catalog.statuses().stream()
        .filter(status -> !status.ready())
        .map(EmbeddedRanker::refusal)
        .collect(Collectors.joining("; "));
  }

  private static String refusal(VersionStatus status) {
    return "version %d of '%s': %s"
        .formatted(status.id().version(), status.id().model(), status.reason());
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
    if (pool != null) {
      pool.shutdown();
    }
    if (copy != null) {
      ResourceFolder.delete(copy);
    }
  }

  /** Says why a model repository cannot be read. */
  static String unreadable(Path folder, IOException e) {
    return Files.isDirectory(folder)
        ? "the model repository %s cannot be read: %s".formatted(folder, e)
        : "there is no model repository at " + folder;
  }

  /** Collects the settings of a ranker. */
  public static final class Builder {
    private final Path folder;
    private boolean copied;
    private Duration poll = Duration.ofSeconds(2);
    private Set<String> required = Set.of();
    private ItemSource items = ItemSource.NONE;
    private Consumer<ReloadReport> listener = report -> {};
    private int threads = Runtime.getRuntime().availableProcessors();
    private Executor executor;

    private Builder(Path folder) {
      this.folder = folder;
    }

    /** The pause between two looks at the repository, 2 s by default; zero for never. */
    public Builder poll(Duration pause) {
      this.poll = pause;
      return this;
    }

    /** Models that have to serve from the start; all that the repository has, by default. */
    public Builder models(String... names) {
      this.required = Set.of(names);
      return this;
    }

    /** The items that requests name, beside those that a model brings itself. */
    public Builder items(ItemSource source) {
      this.items = source;
      return this;
    }

    /** Told of every change of the repository's versions, for metrics. */
    public Builder listener(Consumer<ReloadReport> listener) {
      this.listener = listener;
      return this;
    }

    /** How many threads rank what is asked by {@code rankAsync}; one a processor by default. */
    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /** Ranks what is asked by {@code rankAsync}, in place of threads of the ranker's own. */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Loads, verifies and warms the versions of the repository, then watches it.
     *
     * @throws RankerUnavailable when the repository cannot be read, or a model that has to serve
     *     does not; says why
     */
    public EmbeddedRanker open() {
      EmbeddedRanker ranker = new EmbeddedRanker(this);
      try {
        ranker.watch.look();
      } catch (IOException e) {
        ranker.close();
        throw new RankerUnavailable(RankerUnavailable.Kind.UNREACHABLE, unreadable(folder, e), e);
      }
      Catalog catalog = ranker.catalog();
      if (!catalog.ready()) {
        ranker.close();
        String refusals = refusals(catalog);
        throw new RankerUnavailable(
            RankerUnavailable.Kind.REFUSED,
            "the model repository %s has no version that can serve %s%s"
                .formatted(
                    folder,
                    required.isEmpty() ? "every model" : String.join(", ", required),
                    refusals.isEmpty() ? "" : ": " + refusals),
            null);
      }
      ranker.watch.start(poll);
      return ranker;
    }
  }
}
