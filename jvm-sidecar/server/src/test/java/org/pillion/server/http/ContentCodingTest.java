package org.pillion.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.errors.RequestException;

/** Bodies are unpacked up to a limit, and only where they are what their header says. */
final class ContentCodingTest {
  private static final byte[] TEXT =
      "{\"inputs\": []} ".repeat(5_000).getBytes(StandardCharsets.UTF_8);

  private static byte[] packed(ContentCoding coding, byte[] body) {
    return coding.pack(HttpResponse.json(200, body), MemoryBudget.UNLIMITED).body();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  private static RequestException refused(ContentCoding coding, byte[] body, long limit) {
    return assertThrows(RequestException.class, () -> coding.unpack(body, limit, unpacked -> {}));
  }

  @ParameterizedTest
  @EnumSource(ContentCoding.class)
  void unpack_whatWasPacked_isTheSameAndWasCounted(ContentCoding coding) {
    byte[] noise = new byte[100_000];
    new Random(7).nextBytes(noise);
    for (byte[] body : new byte[][] {TEXT, noise}) {
      AtomicLong counted = new AtomicLong();
      byte[] sent = packed(coding, body);

      assertArrayEquals(body, coding.unpack(sent, body.length, counted::addAndGet));
      assertEquals(coding == ContentCoding.IDENTITY ? 0 : body.length, counted.get());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "DEFLATE"})
  void unpack_toMoreThanTheLimit_isRefusedBeforeItIsHeld(ContentCoding coding) {
    byte[] bomb = packed(coding, new byte[32 << 20]);
    AtomicLong counted = new AtomicLong();

    RequestException failure =
        assertThrows(
            RequestException.class, () -> coding.unpack(bomb, 1 << 20, counted::addAndGet));

    assertEquals(RequestException.Kind.TOO_LARGE, failure.kind());
    assertEquals(
        "the body is longer than 1048576 bytes once it is unpacked: %d bytes of %s are more; see --max-body"
            .formatted(bomb.length, coding.name().toLowerCase(Locale.ROOT)),
        failure.getMessage());
    assertTrue(counted.get() <= 1 << 20);
  }

  @Test
  void unpack_bytesThatDoNotFit_areNotKept() {
    byte[] sent = packed(ContentCoding.GZIP, TEXT);

    assertThrows(
        RequestException.class,
        () ->
            ContentCoding.GZIP.unpack(
                sent,
                TEXT.length,
                unpacked -> {
                  throw RequestException.saturated("full");
                }));
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "DEFLATE"})
  void unpack_cutShortAtAnyByte_isRefused(ContentCoding coding) {
    byte[] sent = packed(coding, TEXT);
    for (int length = 1; length < sent.length; length++) {
      RequestException failure = refused(coding, Arrays.copyOf(sent, length), TEXT.length);

      assertEquals(RequestException.Kind.INVALID, failure.kind());
      assertTrue(failure.getMessage().endsWith(" that is cut short"), failure.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "DEFLATE"})
  void unpack_otherBytesBehind_isRefused(ContentCoding coding) {
    byte[] sent = packed(coding, TEXT);
    for (int more : new int[] {1, 2, 18, 19, 40, 9_000}) {
      RequestException failure = refused(coding, joined(sent, new byte[more]), TEXT.length);

      assertEquals(RequestException.Kind.INVALID, failure.kind());
      assertTrue(failure.getMessage().contains("other bytes follow it"), failure.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "DEFLATE"})
  void unpack_wrongTrailer_isRefused(ContentCoding coding) {
    byte[] sent = packed(coding, TEXT);
    sent[sent.length - 1] ^= 1; // of the length, or of the checksum

    assertEquals(RequestException.Kind.INVALID, refused(coding, sent, TEXT.length).kind());
  }

  @Test
  void unpack_gzipOfTwoMembers_isBoth() {
    byte[] one = packed(ContentCoding.GZIP, TEXT);

    byte[] both = ContentCoding.GZIP.unpack(joined(one, one), 2L * TEXT.length, unpacked -> {});

    assertArrayEquals(joined(TEXT, TEXT), both);
  }

  @Test
  void pack_shortAnswer_staysAsItIs() {
    HttpResponse answer = HttpResponse.json(200, new byte[100]);

    assertSame(answer, ContentCoding.GZIP.pack(answer, MemoryBudget.UNLIMITED));
  }

  @ParameterizedTest
  @CsvSource({
    "'', IDENTITY",
    "'gzip', GZIP",
    "'deflate', DEFLATE",
    "'br, GZIP', GZIP",
    "'gzip;q=0', IDENTITY",
    "'gzip;q=0.2, deflate;q=0.5', DEFLATE",
    "'identity, gzip;q=0.5', IDENTITY",
    "'deflate, gzip', DEFLATE",
    "'gzip;q=much', IDENTITY",
    "'gzip;level=9', IDENTITY",
    "'*', IDENTITY",
    "',;,=', IDENTITY",
  })
  void ofAnswer_isWhatTheCallerPrefers(String accepted, ContentCoding expected) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Accept-Encoding", accepted);

    assertEquals(expected, ContentCoding.ofAnswer(headers));
  }

  @Test
  void ofBody_compressedTwice_isRefusedWithWhatIsRead() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("Content-Encoding", "gzip").add("Content-Encoding", "deflate");

    RequestException failure =
        assertThrows(RequestException.class, () -> ContentCoding.ofBody(headers));

    assertEquals(RequestException.Kind.UNSUPPORTED_ENCODING, failure.kind());
    assertEquals(
        "the body's Content-Encoding is 'gzip, deflate', but one of gzip, deflate, identity is read",
        failure.getMessage());
    assertEquals("gzip, deflate, identity", failure.headers().get("Accept-Encoding"));
  }
}
