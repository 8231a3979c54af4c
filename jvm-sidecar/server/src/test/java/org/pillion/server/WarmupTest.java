package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.inference.Models;

final class WarmupTest {
  private static final int VERSIONS = 3;
  private static final int FORMS = 3;

  /** The warm-up's requests come here where it shares its addresses with a listener. */
  private static final RequestHandler NOBODY =
      new RequestHandler() {
        @Override
        public void handle(HttpServerRequest request) {
          throw new AssertionError("this process does not listen");
        }

        @Override
        public void refuse(HttpServerRequest request, RequestException failure) {
          throw new AssertionError("this process does not listen");
        }
      };

  @TempDir static Path folder;

  private static Vertx vertx;
  private static Settings settings;
  private static Catalog catalog;

  @BeforeAll
  static void load() throws Exception {
    RepositoryFixture models = new RepositoryFixture(folder);
    models.logistic("ranker", 1);
    models.logistic("ranker", 2);
    models.tree("a pricer", 1);
    settings = TestSettings.of(folder);
    ModelRepository repository = settings.repository().open();
    repository.reload();
    catalog = repository.catalog();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  @Test
  void requests_ofEveryForm_areAnswered() throws Exception {
    try (Sidecar sidecar = Sidecar.start(settings, "test")) {
      Warmup warmup = new Warmup(vertx, false);

      // The sidecar takes another process's warm-up for any client, and counts it.
      int answers =
          warmup.run(
              catalog, address(sidecar, 0), address(sidecar, 1), NOBODY, Duration.ofMinutes(1));

      assertEquals(Warmup.ROUNDS * VERSIONS * FORMS, answers);
      assertEquals(Set.of("infer", "grpc_model_infer"), routes(sidecar));
    }
  }

  @Test
  void start_countsNoneOfThem() throws Exception {
    try (Sidecar sidecar = Sidecar.start(settings, "test")) {
      Client client = client(sidecar);

      assertEquals(Set.of(), routes(sidecar));
      assertFalse(client.get("/metrics").body().contains("pillion_rows_total"));
      String statistics = client.get("/v2/models/ranker/versions/1/stats").body();
      assertTrue(statistics.contains("\"inference_count\":0"), statistics);
    }
  }

  @Test
  void models_areNotReadyBefore() throws Exception {
    ModelRepository repository = settings.repository().open();
    repository.reload();
    Models models = new Models(repository);

    assertTrue(repository.catalog().ready());
    assertFalse(models.ready());
    models.warmed();
    assertTrue(models.ready());
  }

  @Test
  void aServerThatSaysNothing_endsIt() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", silent.getLocalPort());
      Warmup warmup = new Warmup(vertx, false);

      assertEquals(0, warmup.run(catalog, address, address, NOBODY, Duration.ofMillis(200)));
    }
  }

  private static Client client(Sidecar sidecar) {
    return new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  private static InetSocketAddress address(Sidecar sidecar, int listener) {
    String port = sidecar.addresses().get(listener).replaceAll(".*:", "");
    return new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
  }

  /** The routes of the requests that were counted. */
  private static Set<String> routes(Sidecar sidecar) {
    List<String> lines = client(sidecar).get("/metrics").body().lines().toList();
    return lines.stream()
        .filter(line -> line.startsWith("pillion_requests_total{"))
        .map(line -> line.replaceAll(".*route=\"([a-z_]+)\".*", "$1"))
        .collect(Collectors.toSet());
  }
}
