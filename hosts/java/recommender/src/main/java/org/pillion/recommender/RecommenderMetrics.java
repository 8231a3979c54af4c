package org.pillion.recommender;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.pillion.features.BatchAnswers;
import org.pillion.features.Snapshot;

/**
 * A recommender's counts in Micrometer, which has to be on the class path for it. In Prometheus'
 * form they have the names of the shim's metrics, such as {@code pillion_answers_total}.
 *
 * <p>It is the observer of the recommender that it watches.
 */
public final class RecommenderMetrics implements Consumer<Recommendation> {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(30),
    Duration.ofMillis(40),
    Duration.ofMillis(50),
    Duration.ofMillis(75),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1)
  };

  /** Resilience4j's states by the shim's words. */
  private static final Map<CircuitBreaker.State, String> STATES =
      Map.of(
          CircuitBreaker.State.CLOSED, "closed",
          CircuitBreaker.State.OPEN, "open",
          CircuitBreaker.State.HALF_OPEN, "half_open",
          CircuitBreaker.State.FORCED_OPEN, "forced_open",
          CircuitBreaker.State.METRICS_ONLY, "metrics_only");

  private final MeterRegistry registry;
  private final Timer left;
  private final Timer fetch;
  private final Timer assemble;
  private final Timer score;
  private final Timer rank;
  private final Timer total;

  /** Metrics in a registry; {@link #watch} adds those of a recommender's state. */
  public RecommenderMetrics(MeterRegistry registry) {
    this.registry = registry;
    left = timer("pillion.deadline.left", "Time that was left of a request's deadline.");
    fetch = part("fetch");
    assemble = part("assemble");
    score = part("score");
    rank = part("rank");
    total = part("total");
  }

  /** Counts an answer. */
  @Override
  public void accept(Recommendation answer) {
    String reason = answer.reason() == null ? "none" : answer.reason();
    registry
        .counter("pillion.answers", "source", answer.source().text(), "reason", reason)
        .increment();
    record(left, Math.max(0, answer.deadlineLeftMillis()));
    record(fetch, answer.timings().fetch());
    record(assemble, answer.timings().assemble());
    record(score, answer.timings().score());
    record(rank, answer.timings().rank());
    record(total, answer.timings().total());
  }

  private static void record(Timer timer, double millis) {
    timer.record((long) (1e6 * millis), TimeUnit.NANOSECONDS);
  }

  private Timer part(String name) {
    return timer("pillion.answer", "Where the time of an answer went.", "part", name);
  }

  private Timer timer(String name, String text, String... tags) {
    return Timer.builder(name)
        .description(text)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /** Shows the state of a recommender, and counts what becomes of its calls. */
  public void watch(Recommender recommender) {
    recommender.breakers().forEach(this::watch);
    recommender.bulkheads().forEach(this::watch);
    RetryBudget budget = recommender.budget();
    FunctionCounter.builder("pillion.retries", budget, RetryBudget::withdrawn)
        .description("Retries made.")
        .register(registry);
    Gauge.builder("pillion.retry.tokens", budget, RetryBudget::tokens)
        .description("Retries that could be made now.")
        .register(registry);
    age(
        "pillion.snapshot.age",
        "Age of the features in use.",
        recommender,
        of -> of.snapshot().map(Snapshot::created).orElse(Double.NaN));
    age(
        "pillion.batch.age",
        "Age of the answers computed ahead that are in use.",
        recommender,
        of -> of.snapshot().flatMap(Snapshot::batch).map(BatchAnswers::created).orElse(Double.NaN));
  }

  private void age(
      String name, String text, Recommender recommender, ToDoubleFunction<Recommender> created) {
    Gauge.builder(name, recommender, of -> Math.max(0, of.now() - created.applyAsDouble(of)))
        .description(text)
        .baseUnit("seconds")
        .strongReference(true)
        .register(registry);
  }

  private void watch(CircuitBreaker breaker) {
    String name = breaker.getName();
    STATES.forEach(
        (state, word) ->
            Gauge.builder("pillion.breaker.state", breaker, of -> of.getState() == state ? 1 : 0)
                .description("Whether a breaker is in a state.")
                .tags("dependency", name, "state", word)
                .strongReference(true)
                .register(registry));
    breaker
        .getEventPublisher()
        .onSuccess(event -> attempt(name, "succeeded"))
        .onError(event -> attempt(name, "failed"))
        .onIgnoredError(
            event -> {
              // The bulkhead says it itself.
              if (!(event.getThrowable() instanceof BulkheadFullException)) {
                attempt(name, "neutral");
              }
            })
        .onCallNotPermitted(event -> attempt(name, "refused"))
        .onStateTransition(
            event ->
                registry
                    .counter(
                        "pillion.breaker.changes",
                        "dependency",
                        name,
                        "from",
                        word(event.getStateTransition().getFromState()),
                        "state",
                        word(event.getStateTransition().getToState()))
                    .increment());
  }

  private static String word(CircuitBreaker.State state) {
    return STATES.getOrDefault(state, state.name().toLowerCase(Locale.ROOT));
  }

  private void watch(Bulkhead bulkhead) {
    bulkhead.getEventPublisher().onCallRejected(event -> attempt(bulkhead.getName(), "busy"));
    Gauge.builder(
            "pillion.in.flight",
            bulkhead.getMetrics(),
            of -> of.getMaxAllowedConcurrentCalls() - of.getAvailableConcurrentCalls())
        .description("Calls under way.")
        .tags("dependency", bulkhead.getName())
        .strongReference(true)
        .register(registry);
  }

  private void attempt(String dependency, String outcome) {
    registry.counter("pillion.attempts", "dependency", dependency, "outcome", outcome).increment();
  }
}
