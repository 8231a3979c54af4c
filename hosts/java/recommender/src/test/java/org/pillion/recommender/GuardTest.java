package org.pillion.recommender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.DeadlineExceeded;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankerUnavailable;

final class GuardTest {
  private static final GuardSettings SETTINGS =
      new GuardSettings(Duration.ofMillis(30), Duration.ofMillis(25), 1);

  /** A clock that stands still. */
  private static final Deadline AMPLE = Deadline.after(Duration.ofSeconds(1), () -> 0);

  private static final Deadline SHORT = Deadline.after(Duration.ofMillis(10), () -> 0);

  private final Guard guard = new Guard("sidecar", SETTINGS, new RetryBudget());
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void call_fiveFailuresInARow_opensTheBreakerAndSparesTheDependency() {
    for (int i = 0; i < 5; i++) {
      assertReason("sidecar", AMPLE, failure(RankerUnavailable.Kind.FAILED));
    }

    assertReason("sidecar_breaker_open", AMPLE, failure(RankerUnavailable.Kind.FAILED));
    assertEquals(5, calls.get());
    assertEquals(CircuitBreaker.State.OPEN, guard.breaker().getState());
  }

  @Test
  void breaker_callersThatComeSeldom_areWaitedFor() {
    Duration most = guard.breaker().getCircuitBreakerConfig().getMaxWaitDurationInHalfOpenState();

    // Resilience4j opens once more where the probes are not made by then, though all succeeded.
    assertTrue(most.compareTo(Duration.ofSeconds(30)) > 0, most.toString());
  }

  @Test
  void call_refusals_sayNothingOfItsHealth() {
    for (int i = 0; i < 30; i++) {
      assertReason("sidecar_refused", AMPLE, failure(RankerUnavailable.Kind.REFUSED));
      assertReason("sidecar_lacks_items", AMPLE, failure(RankerUnavailable.Kind.LACKS_ITEMS));
      assertReason(
          "sidecar_refused",
          AMPLE,
          timeout -> {
            throw new InvalidRequest("x", "bad", null);
          });
    }

    assertEquals(CircuitBreaker.State.CLOSED, guard.breaker().getState());
  }

  @Test
  void call_unreachable_isTriedOnceMore() {
    assertReason("sidecar_unreachable", AMPLE, failure(RankerUnavailable.Kind.UNREACHABLE));

    assertEquals(2, calls.get());
  }

  @Test
  void call_untrusted_isNotTriedAgainAndCounts() {
    for (int i = 0; i < 5; i++) {
      assertReason("sidecar_untrusted", AMPLE, failure(RankerUnavailable.Kind.UNTRUSTED));
    }

    assertEquals(5, calls.get());
    assertEquals(CircuitBreaker.State.OPEN, guard.breaker().getState());
  }

  @Test
  void call_unreachableWithLittleTimeLeft_isNotTriedAgain() {
    assertReason("sidecar_unreachable", SHORT, failure(RankerUnavailable.Kind.UNREACHABLE));

    assertEquals(1, calls.get());
  }

  @Test
  void withdraw_budget_isTenAndThenOneInFiveCalls() {
    RetryBudget budget = new RetryBudget();
    for (int i = 0; i < 10; i++) {
      assertTrue(budget.withdraw());
    }
    assertFalse(budget.withdraw());
    for (int i = 0; i < 5; i++) {
      budget.deposit();
    }
    assertTrue(budget.withdraw());
    assertFalse(budget.withdraw());
  }

  @Test
  void call_attemptThatHadLessThanItsTime_doesNotCount() {
    for (int i = 0; i < 30; i++) {
      assertReason("deadline_exceeded", SHORT, GuardTest::late);
    }

    assertEquals(CircuitBreaker.State.CLOSED, guard.breaker().getState());
  }

  @Test
  void call_attemptThatHadItsTime_isATimeout() {
    for (int i = 0; i < 5; i++) {
      assertReason("sidecar_timeout", AMPLE, GuardTest::late);
    }

    assertEquals(CircuitBreaker.State.OPEN, guard.breaker().getState());
  }

  @Test
  void call_noTimeLeft_isNotMade() {
    Deadline over = Deadline.after(Duration.ZERO, () -> 0);

    assertReason("deadline_exceeded", over, failure(RankerUnavailable.Kind.FAILED));

    assertEquals(0, calls.get());
  }

  @Test
  void call_asManyUnderWayAsMayBe_isBusy() throws Unanswered {
    guard.call(
        AMPLE,
        timeout -> {
          assertReason("sidecar_busy", AMPLE, failure(RankerUnavailable.Kind.FAILED));
          return "answer";
        });

    assertEquals(0, calls.get());
  }

  @Test
  void call_somethingElse_isUnexpectedAndHasAnAnswerToo() {
    assertReason(
        "unexpected_error",
        AMPLE,
        timeout -> {
          throw new IllegalStateException("a mistake");
        });
  }

  private static Object late(Duration timeout) {
    throw new DeadlineExceeded("too late after " + timeout);
  }

  private Guard.Attempt<Object> failure(RankerUnavailable.Kind kind) {
    return timeout -> {
      calls.incrementAndGet();
      throw new RankerUnavailable(kind, "down", null);
    };
  }

  private void assertReason(String reason, Deadline deadline, Guard.Attempt<Object> attempt) {
    Unanswered unanswered = assertThrows(Unanswered.class, () -> guard.call(deadline, attempt));
    assertEquals(reason, unanswered.reason());
  }
}
