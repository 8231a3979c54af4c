package org.pillion.server.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
  private static final long MAX_BYTES = 100;

  /** What happens to a request. */
  private enum Kind {
    BYTES,
    ANSWERED,
    RESET,
    CLOSED,
    FAILED
  }

  private record Event(int request, Kind kind, int bytes) {}

  /** What a request should hold. */
  private static final class Expected {
    private final Admission.Place place;
    private long bytes;
    private boolean over;

    Expected(Admission.Place place) {
      this.place = place;
    }
  }

  @Provide
  Arbitrary<List<Event>> events() {
    return Combinators.combine(
            Arbitraries.integers().between(0, MAX_REQUESTS - 1),
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, 60))
        .as(Event::new)
        .list()
        .ofMaxSize(30);
  }

  @Property
  void places_eventsInAnyOrder_areGivenBackExactlyOnce(@ForAll("events") List<Event> events) {
    Admission admission = new Admission(MAX_REQUESTS, MAX_BYTES);
    List<Expected> requests = new ArrayList<>();
    for (int i = 0; i < MAX_REQUESTS; i++) {
      requests.add(new Expected(admission.acquire()));
    }
    for (Event event : events) {
      Expected request = requests.get(event.request());
      if (event.kind() == Kind.BYTES) {
        grow(admission, request, event.bytes());
      } else {
        request.place.release();
        request.over = true;
        request.bytes = 0;
      }
      assertEquals(requests.stream().filter(r -> !r.over).count(), admission.requests());
      assertEquals(requests.stream().mapToLong(r -> r.bytes).sum(), admission.bytes());
    }
    requests.forEach(request -> request.place.release());
    assertEquals(0, admission.requests());
    assertEquals(0, admission.bytes());
  }

  private static void grow(Admission admission, Expected request, int bytes) {
    if (request.over) {
      request.place.grow(bytes);
    } else if (admission.bytes() + bytes > MAX_BYTES) {
      RequestException refused =
          assertThrows(RequestException.class, () -> request.place.grow(bytes));
      assertTrue(refused.getMessage().contains("bytes as may be: 100"), refused.getMessage());
    } else {
      request.place.grow(bytes);
      request.bytes += bytes;
    }
  }

  @Test
  void acquire_moreThanMayBeInFlight_namesTheLimit() {
    Admission admission = new Admission(1, MAX_BYTES);
    Admission.Place first = admission.acquire();

    RequestException refused = assertThrows(RequestException.class, admission::acquire);

    assertEquals(503, refused.kind().http());
    assertEquals(
        "as many requests are in flight as may be: 1 (--max-in-flight)", refused.getMessage());
    first.release();
    admission.acquire();
  }
}
