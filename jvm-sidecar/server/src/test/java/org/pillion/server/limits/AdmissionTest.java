package org.pillion.server.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.pillion.server.errors.RequestException;

/** What requests hold, whatever happens to them and in whatever order. */
final class AdmissionTest {
  private static final int MAX_REQUESTS = 3;
  private static final long MAX_BYTES = 20 * Place.STEP;

  /** What happens to a request. */
  private enum Kind {
    BODY,
    TAKE,
    GIVE_BACK,
    BEGIN_WORK,
    END_WORK,
    BEGIN_ANSWER,
    END_ANSWER,
    ANSWERED,
    ABANDONED
  }

  private record Event(int request, Kind kind, int steps) {}

  /** What a request should hold. */
  private static final class Expected {
    private final Place place;
    private final int[] freed = {0};
    private long taken;
    private boolean over;
    private boolean worked;
    private boolean written;

    Expected(Admission admission) {
      this.place = admission.acquire(() -> freed[0]++);
    }

    boolean isFree() {
      return over && !worked && !written;
    }
  }

  @Provide
  Arbitrary<List<Event>> events() {
    return Combinators.combine(
            Arbitraries.integers().between(0, MAX_REQUESTS - 1),
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(1, 6))
        .as(Event::new)
        .list()
        .ofMaxSize(40);
  }

  @Property
  void places_eventsInAnyOrder_areGivenBackExactlyOnce(@ForAll("events") List<Event> events) {
    Admission admission = new Admission(MAX_REQUESTS, MAX_BYTES, System::nanoTime);
    List<Expected> requests = new ArrayList<>();
    for (int i = 0; i < MAX_REQUESTS; i++) {
      requests.add(new Expected(admission));
    }
    for (Event event : events) {
      apply(event, requests.get(event.request()));
      assertEquals(requests.stream().filter(r -> !r.over).count(), admission.requests());
      long taken = requests.stream().filter(r -> !r.isFree()).mapToLong(r -> r.taken).sum();
      assertTrue(taken <= admission.bytes() && admission.bytes() <= MAX_BYTES);
      requests.forEach(r -> assertEquals(r.isFree() ? 1 : 0, r.freed[0]));
    }
    for (Expected request : requests) {
      request.place.endWork();
      request.place.abandon();
    }
    assertEquals(0, admission.requests());
    assertEquals(0, admission.bytes());
    requests.forEach(r -> assertEquals(1, r.freed[0]));
  }

  private static void apply(Event event, Expected request) {
    long bytes = event.steps() * Place.STEP;
    switch (event.kind()) {
      case BODY -> take(request, 2 * bytes, () -> request.place.arrived(bytes));
      case TAKE -> take(request, bytes, () -> request.place.take(bytes));
      case GIVE_BACK -> {
        if (request.taken >= bytes && !request.isFree()) {
          request.place.giveBack(bytes);
          request.taken -= bytes;
        }
      }
      case BEGIN_WORK -> {
        if (!request.over) {
          request.worked = request.place.beginWork();
          assertTrue(request.worked);
        }
      }
      case END_WORK -> {
        request.place.endWork();
        request.worked = false;
      }
      case BEGIN_ANSWER -> {
        if (!request.over) {
          request.place.beginAnswer();
          request.written = true;
        }
      }
      case END_ANSWER -> {
        request.place.endAnswer();
        request.written = false;
      }
      case ANSWERED -> {
        request.place.release();
        request.over = true;
      }
      case ABANDONED -> {
        request.place.abandon();
        request.over = true;
        request.written = false;
      }
    }
  }

  private static void take(Expected request, long bytes, Runnable taking) {
    try {
      taking.run();
      request.taken += bytes;
    } catch (RequestException e) {
      String text = e.getMessage();
      assertTrue(text.contains("--request-memory") || request.over, text);
    }
  }

  @Test
  void acquire_moreThanMayBeInFlight_namesTheLimit() {
    Admission admission = new Admission(1, MAX_BYTES, System::nanoTime);
    Place first = admission.acquire(() -> {});

    RequestException refused =
        assertThrows(RequestException.class, () -> admission.acquire(() -> {}));

    assertEquals(503, refused.kind().http());
    assertEquals(
        "as many requests are in flight as may be: 1 (--max-in-flight)", refused.getMessage());
    first.release();
    admission.acquire(() -> {});
  }

  @Test
  void take_moreThanOneRequestMay_namesWhatWasSentTheLimitAndTheOption() {
    Place place = new Admission(1, MAX_BYTES, System::nanoTime).acquire(() -> {});
    place.arrived(Place.STEP);

    RequestException refused = assertThrows(RequestException.class, () -> place.take(MAX_BYTES));

    assertEquals(413, refused.kind().http());
    String text = refused.getMessage();
    assertTrue(text.contains("its body of %d bytes".formatted(Place.STEP)), text);
    assertTrue(text.contains("more than %d bytes".formatted(MAX_BYTES / 2)), text);
    assertTrue(text.contains("--request-memory, which is %d".formatted(MAX_BYTES)), text);
  }

  @Test
  void take_moreThanTheOthersLeave_isUnavailableAndNamesTheLimit() {
    Admission admission = new Admission(3, MAX_BYTES, System::nanoTime);
    admission.acquire(() -> {}).take(MAX_BYTES / 2);
    admission.acquire(() -> {}).take(MAX_BYTES / 2);
    Place third = admission.acquire(() -> {});

    RequestException refused = assertThrows(RequestException.class, () -> third.take(1));

    assertEquals(503, refused.kind().http());
    String text = refused.getMessage();
    assertTrue(
        text.contains("as they may: %d bytes (--request-memory)".formatted(MAX_BYTES)), text);
  }

  @Test
  void release_whileAWorkerGoesOn_keepsTheBytesUntilItEnds() {
    Admission admission = new Admission(1, MAX_BYTES, System::nanoTime);
    Place place = admission.acquire(() -> {});
    place.take(Place.STEP);
    place.beginWork();

    place.abandon();

    assertEquals(0, admission.requests());
    assertEquals(Place.STEP, admission.bytes());
    assertThrows(RequestException.class, () -> place.take(1));
    place.endWork();
    assertEquals(0, admission.bytes());
    assertFalse(place.beginWork());
  }
}
