package org.pillion.recommender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.pillion.ranker.RankerUnavailable;

/**
 * Traces of the shim's breaker, whose form {@code tools/oracle/traces.py} describes, on the
 * guard's.
 *
 * <p>Half of them have only rules that Resilience4j has, too. The others have a run of failures, an
 * end of probing by the trace's clock, and outcomes that come late.
 */
final class BreakerTracesTest {
  private static final Path TRACES = Path.of("../../../tests/golden/breaker/traces.jsonl");

  /** The end of a probing that a trace never reaches. */
  private static final long NEVER_MILLIS = 1_000_000_000;

  /** A clock that a trace moves; its seconds begin when the trace does. */
  private static final class TraceClock extends Clock {
    private long millis;

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** What was done, a number, and how the breaker was after it. */
  private record Step(String word, int number, String state, List<Integer> counts) {
    static Step of(String line) {
      String[] words = line.split(" ");
      return new Step(
          words[0],
          Integer.parseInt(words[1]),
          words[2],
          List.of(Integer.valueOf(words[3]), Integer.valueOf(words[4]), Integer.valueOf(words[5])));
    }

    boolean settles() {
      return word.equals("succeed") || word.equals("fail");
    }
  }

  @Test
  void breaker_tracesOfSharedRules_comeOutAsRecorded() throws IOException {
    List<String> lines = Files.readAllLines(TRACES);
    ObjectMapper json = new ObjectMapper();
    int played = 0;
    for (int at = 0; at < lines.size(); at++) {
      JsonNode trace = json.readTree(lines.get(at));
      if (isShared(trace.get("rules"))) {
        play(trace, "trace " + at);
        played++;
      }
    }

    String said = "%d of %d recorded traces were played".formatted(played, lines.size());
    System.out.println(said);
    assertTrue(played > 0 && played * 2 >= lines.size(), said + ", and half of them are shared");
  }

  private static boolean isShared(JsonNode rules) {
    return rules.get("consecutive").isNull() && rules.get("probing_ms").asLong() >= NEVER_MILLIS;
  }

  private static void play(JsonNode trace, String name) {
    TraceClock clock = new TraceClock();
    CircuitBreaker breaker = breaker(trace.get("rules"), clock);
    List<Step> steps = new ArrayList<>();
    trace.get("steps").forEach(step -> steps.add(Step.of(step.asText())));
    List<Long> starts = new ArrayList<>();
    String before = "closed";
    boolean isProbed = false;
    for (int at = 0; at < steps.size(); at++) {
      Step step = steps.get(at);
      String place = "%s, step %d, %s".formatted(name, at, step);
      take(step, breaker, clock, starts, place);

      boolean isOpen = step.state().equals("open");
      isProbed = isOpen && (isProbed || before.equals("half_open"));
      before = step.state();
      if (isOpen && at + 1 < steps.size() && steps.get(at + 1).settles()) {
        // The shim's opens with the first probe that fails, and Resilience4j's with the last one.
        continue;
      }
      assertEquals(step.state(), breaker.getState().name().toLowerCase(Locale.ROOT), place);
      if (!isProbed) {
        // Resilience4j keeps the counts of a failed probing as long as it is open, the shim's not.
        assertEquals(step.counts(), counts(breaker), place);
      }
    }
  }

  private static void take(
      Step step, CircuitBreaker breaker, TraceClock clock, List<Long> starts, String place) {
    switch (step.word()) {
      case "wait" -> clock.millis += step.number();
      case "acquire" -> {
        assertEquals(step.number() == 1, breaker.tryAcquirePermission(), place);
        if (step.number() == 1) {
          starts.add(clock.millis);
        }
      }
      case "succeed" ->
          breaker.onSuccess(clock.millis - starts.get(step.number()), TimeUnit.MILLISECONDS);
      case "fail", "release" ->
          breaker.onError(
              clock.millis - starts.get(step.number()),
              TimeUnit.MILLISECONDS,
              new RankerUnavailable(
                  step.word().equals("fail")
                      ? RankerUnavailable.Kind.FAILED
                      : RankerUnavailable.Kind.REFUSED,
                  "scripted",
                  null));
      case "force_open" -> breaker.transitionToForcedOpenState();
      case "metrics_only" -> breaker.transitionToMetricsOnlyState();
      case "reset" -> breaker.reset();
      default -> throw new IllegalStateException(place);
    }
  }

  private static List<Integer> counts(CircuitBreaker breaker) {
    CircuitBreaker.Metrics metrics = breaker.getMetrics();
    return List.of(
        metrics.getNumberOfBufferedCalls(),
        metrics.getNumberOfFailedCalls(),
        metrics.getNumberOfSlowCalls());
  }

  /**
   * A breaker as the guard configures it, with a trace's limits. The end of probing is by a timer
   * of the real clock, so it is off.
   */
  private static CircuitBreaker breaker(JsonNode rules, Clock clock) {
    CircuitBreakerConfig guards =
        new Guard("sidecar", GuardSettings.RANKER, new RetryBudget())
            .breaker()
            .getCircuitBreakerConfig();
    return CircuitBreaker.of(
        "recorded",
        CircuitBreakerConfig.from(guards)
            .clock(clock)
            .slidingWindowSize(rules.get("window_s").asInt())
            .minimumNumberOfCalls(rules.get("minimum").asInt())
            .failureRateThreshold(rules.get("failure_percent").asInt())
            .slowCallRateThreshold(rules.get("slow_percent").asInt())
            .slowCallDurationThreshold(Duration.ofMillis(rules.get("slow_ms").asLong()))
            .permittedNumberOfCallsInHalfOpenState(rules.get("probes").asInt())
            .maxWaitDurationInHalfOpenState(Duration.ZERO)
            .waitIntervalFunctionInOpenState(
                IntervalFunction.ofExponentialBackoff(
                    Duration.ofMillis(rules.get("open_ms").asLong()),
                    2,
                    Duration.ofMillis(rules.get("open_max_ms").asLong())))
            .build());
  }
}
