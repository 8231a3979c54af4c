package org.pillion.recommender;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.pillion.features.StoreException;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankerException;
import org.pillion.ranker.RankerUnavailable;

/**
 * Stands before a dependency: retry around breaker around bulkhead around the call, whose time is
 * limited by the attempt's and by the request's.
 */
final class Guard {
  private static final Logger LOG = System.getLogger("org.pillion.recommender");
  private static final int ATTEMPTS = 2;
  private static final int CONSECUTIVE_FAILURES = 5;
  private static final float FAILED_SHARE = 50;
  private static final int LEAST_CALLS = 20;
  private static final int WINDOW_SECONDS = 10;
  private static final int PROBES = 3;

  /**
   * How long callers may take to come for the probes; each of these has its own time limit. It is
   * long, since a breaker would never close where fewer callers come than there are probes.
   */
  private static final Duration PROBE_TIME = Duration.ofMinutes(1);

  private static final Duration OPEN_FIRST = Duration.ofMillis(250);
  private static final Duration OPEN_MOST = Duration.ofSeconds(5);
  private static final double JITTER = 0.2;
  private static final Duration RETRY_AFTER = Duration.ofMillis(3);

  private final String name;
  private final GuardSettings settings;
  private final RetryBudget budget;
  private final CircuitBreaker breaker;
  private final Bulkhead bulkhead;

  /** An attempt that ended for want of a request's time says nothing of the dependency. */
  private static final class CutShort extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CutShort(Throwable cause) {
      super(cause);
    }
  }

  /** A call of the dependency. */
  @FunctionalInterface
  interface Attempt<A> {
    A call(Duration timeout) throws Exception;
  }

  Guard(String name, GuardSettings settings, RetryBudget budget) {
    this.name = name;
    this.settings = settings;
    this.budget = budget;
    breaker = CircuitBreaker.of(name, breakerConfig(settings));
    AtomicInteger failures = new AtomicInteger();
    breaker
        .getEventPublisher()
        .onSuccess(event -> failures.set(0))
        .onError(
            event -> {
              if (failures.incrementAndGet() >= CONSECUTIVE_FAILURES
                  && breaker.getState() == CircuitBreaker.State.CLOSED) {
                breaker.transitionToOpenState();
              }
            })
        .onStateTransition(
            event -> {
              failures.set(0);
              LOG.log(
                  Level.WARNING,
                  "the breaker of the {0} is {1} now, was {2}",
                  name,
                  event.getStateTransition().getToState(),
                  event.getStateTransition().getFromState());
            });
    bulkhead =
        Bulkhead.of(
            name,
            BulkheadConfig.custom()
                .maxConcurrentCalls(settings.calls())
                .maxWaitDuration(Duration.ZERO)
                .build());
  }

  private static CircuitBreakerConfig breakerConfig(GuardSettings settings) {
    return CircuitBreakerConfig.custom()
        .slidingWindow(
            WINDOW_SECONDS,
            LEAST_CALLS,
            SlidingWindowType.TIME_BASED,
            CircuitBreakerConfig.SlidingWindowSynchronizationStrategy.SYNCHRONIZED)
        .failureRateThreshold(FAILED_SHARE)
        .slowCallRateThreshold(FAILED_SHARE)
        .slowCallDurationThreshold(settings.slow())
        .permittedNumberOfCallsInHalfOpenState(PROBES)
        .maxWaitDurationInHalfOpenState(PROBE_TIME)
        .waitIntervalFunctionInOpenState(
            IntervalFunction.ofExponentialRandomBackoff(OPEN_FIRST, 2, JITTER, OPEN_MOST))
        .ignoreException(Guard::isNeutral)
        .build();
  }

  /** What says nothing of the dependency's health. */
  private static boolean isNeutral(Throwable e) {
    return e instanceof BulkheadFullException
        || e instanceof CutShort
        || e instanceof InvalidRequest
        || e instanceof StoreException store && store.kind() == StoreException.Kind.CORRUPT
        || e instanceof RankerUnavailable ranker
            && (ranker.kind() == RankerUnavailable.Kind.REFUSED
                || ranker.kind() == RankerUnavailable.Kind.LACKS_ITEMS);
  }

  private static boolean isRetryable(Throwable e) {
    return e instanceof RankerException ranker && ranker.retryable()
        || e instanceof StoreException store && store.kind() == StoreException.Kind.UNREACHABLE;
  }

  CircuitBreaker breaker() {
    return breaker;
  }

  Bulkhead bulkhead() {
    return bulkhead;
  }

  /**
   * Calls the dependency.
   *
   * @param deadline the request's, less what the fallback needs
   * @throws Unanswered when there is no answer, with the reason
   */
  <A> A call(Deadline deadline, Attempt<A> attempt) throws Unanswered {
    budget.deposit();
    Callable<A> once = () -> attempt(deadline, attempt);
    Callable<A> guarded =
        CircuitBreaker.decorateCallable(breaker, Bulkhead.decorateCallable(bulkhead, once));
    try {
      return Retry.decorateCallable(retry(deadline), guarded).call();
    } catch (Exception e) {
      throw new Unanswered(reason(e, deadline), e);
    }
  }

  private Retry retry(Deadline deadline) {
    return Retry.of(
        name,
        RetryConfig.custom()
            .maxAttempts(ATTEMPTS)
            .intervalFunction(IntervalFunction.ofRandomized(RETRY_AFTER, JITTER))
            .retryOnException(
                e ->
                    isRetryable(e)
                        && deadline.remainingNanos() > settings.slow().toNanos()
                        && budget.withdraw())
            .build());
  }

  private <A> A attempt(Deadline deadline, Attempt<A> attempt) throws Exception {
    long left = deadline.remainingNanos();
    if (left <= 0) {
      throw new CutShort(new DeadlineExceeded("no time is left"));
    }
    boolean full = left >= settings.attempt().toNanos();
    try {
      return attempt.call(full ? settings.attempt() : Duration.ofNanos(left));
    } catch (DeadlineExceeded e) {
      throw full ? e : new CutShort(e);
    } catch (StoreException e) {
      if (!full && e.kind() == StoreException.Kind.TIMEOUT) {
        throw new CutShort(e);
      }
      throw e;
    }
  }

  private String reason(Exception e, Deadline deadline) {
    if (e instanceof CutShort) {
      return "deadline_exceeded";
    }
    if (e instanceof CallNotPermittedException) {
      return name + "_breaker_open";
    }
    if (e instanceof BulkheadFullException) {
      return name + "_busy";
    }
    if (e instanceof DeadlineExceeded) {
      return deadline.remainingNanos() <= 0 ? "deadline_exceeded" : name + "_timeout";
    }
    if (e instanceof StoreException store) {
      return switch (store.kind()) {
        case UNREACHABLE -> "store_unreachable";
        case TIMEOUT -> "store_timeout";
        case FAILED -> "store";
        case CORRUPT -> "corrupt_record";
      };
    }
    if (e instanceof InvalidRequest) {
      return name + "_refused";
    }
    if (e instanceof RankerUnavailable ranker) {
      return switch (ranker.kind()) {
        case UNREACHABLE -> name + "_unreachable";
        case UNTRUSTED -> name + "_untrusted";
        case REFUSED -> name + "_refused";
        case LACKS_ITEMS -> name + "_lacks_items";
        case SATURATED, FAILED -> name;
      };
    }
    LOG.log(Level.ERROR, "calling the " + name + " failed", e);
    return "unexpected_error";
  }
}
