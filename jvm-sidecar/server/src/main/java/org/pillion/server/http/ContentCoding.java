package org.pillion.server.http;

import io.vertx.core.MultiMap;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/**
 * How a body is compressed.
 *
 * <p>Source: RFC 9110, section 8.4.1; deflate is the format of zlib, RFC 1950.
 */
public enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  private static final String HEADER = "Content-Encoding";
  private static final String ACCEPT = "Accept-Encoding";
  private static final String READ = "gzip, deflate, identity";

  /** Bytes that are unpacked before they are counted. */
  private static final int STEP = 16 << 10;

  /** A shorter answer gains nothing, since a network sends it in one packet as it is. */
  private static final int SHORTEST = 1 << 10;

  /**
   * How a request's body is compressed.
   *
   * @throws RequestException with 415 when it is compressed otherwise, or more than once
   */
  public static ContentCoding ofBody(MultiMap headers) {
    List<String> named = headers.getAll(HEADER);
    if (named.isEmpty()) {
      return IDENTITY;
    }
    String text = String.join(", ", named);
    ContentCoding coding = find(text.strip());
    if (coding == null) {
      throw new RequestException(
          RequestException.Kind.UNSUPPORTED_ENCODING,
          "the body's Content-Encoding is '%s', but one of %s is read"
              .formatted(Truncated.of(text), READ),
          Map.of(ACCEPT, READ));
    }
    return coding;
  }

  /**
   * The compression that a caller prefers for its answer; none where it names none that is known.
   */
  public static ContentCoding ofAnswer(MultiMap headers) {
    ContentCoding best = IDENTITY;
    double highest = 0;
    for (String item : String.join(",", headers.getAll(ACCEPT)).split(",", -1)) {
      String[] parts = item.split(";", 2);
      ContentCoding coding = find(parts[0].strip());
      double weight = parts.length == 1 ? 1 : weight(parts[1]);
      if (coding != null && weight > highest) {
        best = coding;
        highest = weight;
      }
    }
    return best;
  }

  private static ContentCoding find(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "identity" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default -> null;
    };
  }

  private static double weight(String parameter) {
    String[] parts = parameter.split("=", 2);
    try {
      return parts.length == 2 && parts[0].strip().equalsIgnoreCase("q")
          ? Double.parseDouble(parts[1])
          : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /**
   * A body without its compression.
   *
   * @param limit maximum bytes that it is unpacked to
   * @param unpacked is told of bytes before they are kept, and may refuse them
   * @throws RequestException with 413 when there are more bytes, and with 400 when the body is not
   *     in this format, or is cut short
   */
  public byte[] unpack(byte[] body, long limit, LongConsumer unpacked) {
    if (this == IDENTITY || body.length == 0) {
      return body;
    }
    Inflater inflater = new Inflater();
    try (InputStream source = source(body, inflater)) {
      byte[] all = read(source, body.length, limit, unpacked);
      boolean whole =
          source instanceof Gzip gzip
              ? gzip.isWhole()
              : inflater.finished() && inflater.getRemaining() == 0;
      if (!whole) {
        throw invalid(
            "is not valid " + label() + ": other bytes follow it, or it needs a dictionary");
      }
      return all;
    } catch (EOFException e) {
      throw invalid("is " + label() + " that is cut short");
    } catch (IOException e) {
      throw invalid("is not valid " + label() + ": " + e.getMessage());
    } finally {
      inflater.end();
    }
  }

  /** The whole body is one part of the stream's, so that what is left of it at the end is seen. */
  private InputStream source(byte[] body, Inflater inflater) throws IOException {
    InputStream bytes = new ByteArrayInputStream(body);
    return this == GZIP
        ? new Gzip(bytes, body.length)
        : new InflaterInputStream(bytes, inflater, body.length);
  }

  private byte[] read(InputStream source, int packed, long limit, LongConsumer unpacked)
      throws IOException {
    MeteredOutput all = new MeteredOutput(MemoryBudget.UNLIMITED);
    byte[] part = new byte[STEP];
    long length = 0;
    for (int count = source.read(part); count >= 0; count = source.read(part)) {
      length += count;
      if (length > limit) {
        throw new RequestException(
            RequestException.Kind.TOO_LARGE,
            "the body is longer than %d bytes once it is unpacked: %d bytes of %s are more; see --max-body"
                .formatted(limit, packed, label()));
      }
      unpacked.accept(count);
      all.write(part, 0, count);
    }
    return all.toByteArray();
  }

  private RequestException invalid(String what) {
    return new RequestException(RequestException.Kind.INVALID, "the body " + what);
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * An answer, compressed where that gains something.
   *
   * @param memory is asked before the compressed answer grows
   */
  public HttpResponse pack(HttpResponse answer, MemoryBudget memory) {
    if (this == IDENTITY || answer.body().length < SHORTEST) {
      return answer;
    }
    MeteredOutput packed = new MeteredOutput(memory);
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try (OutputStream out =
        this == GZIP ? new FastGzip(packed) : new DeflaterOutputStream(packed, deflater)) {
      out.write(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    } finally {
      deflater.end();
    }
    return answer.with(packed.toByteArray()).with(Map.of(HEADER, label(), "Vary", ACCEPT));
  }

  private static final class Gzip extends GZIPInputStream {
    /** Its checksum and length, which the inflater leaves aside. */
    private static final int TRAILER = 8;

    Gzip(InputStream bytes, int length) throws IOException {
      super(bytes, length);
    }

    /** Whether nothing follows the last member; the library ignores what is none. */
    boolean isWhole() {
      return inf.getRemaining() <= TRAILER;
    }
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream packed) throws IOException {
      super(packed);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
