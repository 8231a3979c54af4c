package org.pillion.example;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.pillion.client.SidecarRanker;
import org.pillion.embedded.EmbeddedRanker;
import org.pillion.embedded.ItemSource;
import org.pillion.features.HostStore;
import org.pillion.features.StoreSettings;
import org.pillion.ranker.Ranker;
import org.pillion.ranker.RankerException;
import org.pillion.recommender.GuardSettings;
import org.pillion.recommender.Recommender;
import org.pillion.recommender.RecommenderMetrics;

/**
 * Serves recommendations until it is told to end. The argument says where the engine runs: {@code
 * embedded} for this process, {@code client} for a sidecar.
 */
public final class ExampleHost {
  private static final String EMBEDDED = "embedded";
  private static final String EXIT_WITH_STDIN = "--exit-with-stdin";
  private static final String LOG_LINE = "%1$tFT%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n";
  private static final int THREADS = 32;
  private static final int DRAIN_SECONDS = 1;
  private static final int USAGE_ERROR = 2;
  private static final Duration LOAD = Duration.ofSeconds(30);

  private ExampleHost() {}

  /** Prints {@code LISTENING host http://HOST:PORT} once it serves. */
  public static void main(String[] arguments) {
    List<String> given = List.of(arguments);
    if (!(given.size() == 1 || given.size() == 2 && given.get(1).equals(EXIT_WITH_STDIN))
        || !List.of(EMBEDDED, "client").contains(given.get(0))) {
      System.err.println("usage: ExampleHost embedded | client [" + EXIT_WITH_STDIN + "]");
      System.exit(USAGE_ERROR);
    }
    // Without it an answer waits for the acknowledgement of its own head.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("java.util.logging.SimpleFormatter.format", LOG_LINE);
    try {
      serve(given.get(0), new Environment(System.getenv()), given.contains(EXIT_WITH_STDIN));
    } catch (IOException | RankerException | IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(String kind, Environment environment, boolean exitWithStdin)
      throws IOException {
    Path models = environment.path("PILLION_SIDECAR_MODELS", "models");
    ProjectFile project = ProjectFile.find(environment, models);
    GuardSettings storeGuard = guard(environment, "STORE", GuardSettings.STORE);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    RecommenderMetrics metrics = new RecommenderMetrics(registry);
    HostStore store = store(environment, storeGuard);
    Ranker ranker = ranker(kind, environment, models, store);
    Recommender recommender = recommender(environment, project, store, ranker, storeGuard, metrics);
    metrics.watch(recommender);
    String host = environment.text("PILLION_SHIM_HOST", "127.0.0.1");
    HttpServer server = listen(host, environment.number("PILLION_SHIM_PORT", 8000));
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.createContext(
        "/",
        new Routes(
            recommender, new RequestReader(recommender.online(), project.textUsers()), registry));
    server.start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.stop(DRAIN_SECONDS);
                  recommender.close();
                  ranker.close();
                  store.close();
                  // Without this the JVM reports the signal instead of a clean end.
                  Runtime.getRuntime().halt(0);
                },
                "shutdown"));
    System.out.printf("LISTENING host http://%s:%d%n", host, server.getAddress().getPort());
    if (exitWithStdin) {
      while (System.in.read() >= 0) {}
      System.exit(0);
    }
  }

  private static HttpServer listen(String host, int port) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (BindException e) {
      throw new IOException(
          "%s:%d can't be listened on: %s".formatted(host, port, e.getMessage()), e);
    }
  }

  private static HostStore store(Environment environment, GuardSettings guard) {
    return new HostStore(
        new StoreSettings(
            environment.text("PILLION_STORE_URL", "redis://127.0.0.1:6379/0"),
            Optional.ofNullable(environment.text("PILLION_STORE_PASSWORD", null)),
            Optional.ofNullable(environment.text("PILLION_STORE_SENTINEL_PASSWORD", null)),
            LOAD),
        guard.attempt(),
        environment.path("PILLION_RECOMMEND_SNAPSHOT_PATH", null));
  }

  private static Ranker ranker(String kind, Environment environment, Path models, HostStore store) {
    if (!kind.equals(EMBEDDED)) {
      return client(environment);
    }
    return EmbeddedRanker.of(models)
        .items(
            version ->
                store
                    .find(version)
                    .map(found -> new ItemSource.Items(found.version(), found.items().table())))
        .open();
  }

  private static Ranker client(Environment environment) {
    SidecarRanker.Builder client =
        SidecarRanker.of(
                environment.text(
                    "PILLION_SIDECAR_ADDRESS", SidecarRanker.usualAddress(environment.variables())))
            .authorities(environment.path("PILLION_SIDECAR_CA_FILE", null))
            .clientCertificate(
                environment.path("PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE", null),
                environment.path("PILLION_SIDECAR_CLIENT_KEY_FILE", null));
    Path token = environment.path("PILLION_SIDECAR_TOKEN_FILE", null);
    return (token == null ? client : client.tokenFile(token)).open();
  }

  private static Recommender recommender(
      Environment environment,
      ProjectFile project,
      HostStore store,
      Ranker ranker,
      GuardSettings storeGuard,
      RecommenderMetrics metrics) {
    return Recommender.of(
            store, ranker, environment.text("PILLION_RECOMMEND_MODEL", project.model()))
        .deadline(
            environment.millis("PILLION_RECOMMEND_DEADLINE_MS", 50),
            environment.millis("PILLION_RECOMMEND_RESERVE_MS", 5))
        .refresh(environment.seconds("PILLION_RECOMMEND_REFRESH_S", 5))
        .k(project.k(), environment.number("PILLION_RECOMMEND_MAX_K", 1_000))
        .candidates(
            project.candidates(), environment.number("PILLION_RECOMMEND_MAX_CANDIDATES", 10_000))
        .textIds(project.textUsers(), project.textItems())
        .segments(project.segments())
        .online(project.online())
        .defaults(project.defaults())
        .serving(project.serving())
        .guards(storeGuard, guard(environment, "SIDECAR", GuardSettings.RANKER))
        .observer(metrics)
        .open();
  }

  private static GuardSettings guard(
      Environment environment, String prefix, GuardSettings otherwise) {
    return new GuardSettings(
        environment.millis(
            "PILLION_" + prefix + "_ATTEMPT_TIMEOUT_MS", otherwise.attempt().toMillis()),
        environment.millis("PILLION_" + prefix + "_SLOW_MS", otherwise.slow().toMillis()),
        environment.number("PILLION_" + prefix + "_MAX_CONNECTIONS", otherwise.calls()));
  }
}
