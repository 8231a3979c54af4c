package org.pillion.server.http;

import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pillion.scoring.MemoryBudget;

/** An answer while it is written; asks a budget before it grows. */
public final class MeteredOutput extends OutputStream {
  private static final int FIRST_PART = 512;
  private static final int LARGEST_PART = 256 << 10;

  /** The bytes are there twice for a moment: in parts, and as one array. */
  private static final int COPIES = 2;

  private final MemoryBudget memory;
  private final Deque<byte[]> parts = new ArrayDeque<>();
  private byte[] part = new byte[FIRST_PART];
  private int used;
  private int length;

  public MeteredOutput(MemoryBudget memory) {
    this.memory = memory;
    memory.take(COPIES * FIRST_PART);
  }

  @Override
  public void write(int value) {
    if (used == part.length) {
      grow();
    }
    part[used++] = (byte) value;
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    int done = 0;
    while (done < count) {
      if (used == part.length) {
        grow();
      }
      int more = Math.min(count - done, part.length - used);
      System.arraycopy(bytes, offset + done, part, used, more);
      used += more;
      done += more;
    }
  }

  private void grow() {
    int next = Math.min(2 * part.length, LARGEST_PART);
    memory.take((long) COPIES * next);
    length = Math.addExact(length, used);
    parts.add(part);
    part = new byte[next];
    used = 0;
  }

  /** What was written; the parts are not held any more. */
  public byte[] toByteArray() {
    byte[] all = new byte[Math.addExact(length, used)];
    int at = 0;
    for (byte[] full = parts.poll(); full != null; full = parts.poll()) {
      System.arraycopy(full, 0, all, at, full.length);
      at += full.length;
    }
    System.arraycopy(part, 0, all, at, used);
    return all;
  }
}
