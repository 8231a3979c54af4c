package org.pillion.server.grpc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.Deadline;

final class GrpcTimeoutTest {
  private static final long ARRIVAL = 1_000_000;

  @ParameterizedTest
  @CsvSource({
    "1n, 1",
    "2u, 2000",
    "3m, 3000000",
    "4S, 4000000000",
    "5M, 300000000000",
    "1H, 3600000000000"
  })
  void deadline_isKeptToItsUnit(String header, long nanos) {
    Deadline deadline = GrpcTimeout.deadline(header, ARRIVAL);

    assertDoesNotThrow(() -> deadline.require(ARRIVAL + nanos - 1));
    RequestException late =
        assertThrows(RequestException.class, () -> deadline.require(ARRIVAL + nanos + 1));
    assertEquals(RequestException.Kind.TOO_LATE, late.kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "n", "1", "1x", "-1m", "123456789m", "1.5S", "1 m"})
  void deadline_thatIsNone_isRefused(String header) {
    RequestException refused =
        assertThrows(RequestException.class, () -> GrpcTimeout.deadline(header, ARRIVAL));
    assertEquals(RequestException.Kind.INVALID, refused.kind());
  }

  @Test
  void noDeadline_neverPasses() {
    assertDoesNotThrow(() -> GrpcTimeout.deadline(null, ARRIVAL).require(Long.MAX_VALUE));
  }
}
