package org.pillion.recommender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pillion.features.HostStore;
import org.pillion.features.StoreSettings;
import org.pillion.ranker.RankerUnavailable;

/** A recommender whose store is not there has the shim's metrics all the same. */
final class RecommenderMetricsTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private HostStore store;
  private Recommender recommender;

  @BeforeEach
  void open() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    store =
        new HostStore(
            new StoreSettings(
                "redis://127.0.0.1:" + port + "/0",
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1)),
            Duration.ofSeconds(1));
    RecommenderMetrics metrics = new RecommenderMetrics(registry);
    recommender = Recommender.of(store, null, "ranker").observer(metrics).open();
    metrics.watch(recommender);
  }

  @AfterEach
  void close() {
    recommender.close();
    store.close();
  }

  private double value(String line) {
    List<String> found =
        registry.scrape().lines().filter(text -> text.startsWith(line + " ")).toList();
    assertEquals(1, found.size(), line + " in\n" + registry.scrape());
    return Double.parseDouble(found.get(0).substring(line.length() + 1));
  }

  @Test
  void accept_answer_isCountedBySourceAndReasonWithItsTimes() {
    recommender.recommend(RecommendRequest.of(1L, 10, Map.of()));
    recommender.recommend(RecommendRequest.of(2L, 10, Map.of()));

    assertEquals(2, value("pillion_answers_total{reason=\"no_snapshot\",source=\"popular\"}"));
    assertEquals(2, value("pillion_deadline_left_seconds_count"));
    assertEquals(2, value("pillion_answer_seconds_count{part=\"total\"}"));
    assertTrue(value("pillion_answer_seconds_sum{part=\"total\"}") > 0);
  }

  @Test
  void watch_breakers_areShownAndTheirCallsCounted() {
    CircuitBreaker sidecar = recommender.breakers().get(1);
    sidecar.onSuccess(1, TimeUnit.MILLISECONDS);
    for (int i = 0; i < 5; i++) {
      sidecar.onError(
          1,
          TimeUnit.MILLISECONDS,
          new RankerUnavailable(RankerUnavailable.Kind.FAILED, "down", null));
    }
    sidecar.tryAcquirePermission();

    assertEquals(1, value("pillion_breaker_state{dependency=\"sidecar\",state=\"open\"}"));
    assertEquals(0, value("pillion_breaker_state{dependency=\"sidecar\",state=\"closed\"}"));
    assertEquals(1, value("pillion_breaker_state{dependency=\"store\",state=\"closed\"}"));
    assertEquals(1, value(attempts("succeeded")));
    assertEquals(5, value(attempts("failed")));
    assertEquals(1, value(attempts("refused")));
    assertEquals(
        1,
        value(
            "pillion_breaker_changes_total"
                + "{dependency=\"sidecar\",from=\"closed\",state=\"open\"}"));
  }

  private static String attempts(String outcome) {
    return "pillion_attempts_total{dependency=\"sidecar\",outcome=\"%s\"}".formatted(outcome);
  }

  @Test
  void watch_nothingYet_isZeroOrUnknown() {
    recommender.bulkheads().get(0).acquirePermission();

    assertEquals(1, value("pillion_in_flight{dependency=\"store\"}"));
    assertEquals(0, value("pillion_retries_total"));
    assertEquals(10, value("pillion_retry_tokens"));
    assertTrue(Double.isNaN(value("pillion_snapshot_age_seconds")));
    assertTrue(Double.isNaN(value("pillion_batch_age_seconds")));
  }
}
