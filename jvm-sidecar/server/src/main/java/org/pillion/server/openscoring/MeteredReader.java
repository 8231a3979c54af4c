package org.pillion.server.openscoring;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import org.pillion.scoring.MemoryBudget;

/**
 * A text that is read record by record; what its reader makes of a record is asked of a budget
 * while the record is read, and given back at its end.
 */
final class MeteredReader extends FilterReader {
  /**
   * An empty cell takes one character in the text, and becomes a string and its place in a list.
   */
  private static final int BYTES_PER_CHARACTER = 56;

  /** What is asked for at a time. */
  private static final int STRIDE = 4 << 10;

  private final MemoryBudget memory;
  private long taken;

  public MeteredReader(Reader text, MemoryBudget memory) {
    super(text);
    this.memory = memory;
  }

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, Math.min(length, STRIDE));
    if (count > 0) {
      ask(count);
    }
    return count;
  }

  @Override
  public int read() throws IOException {
    int character = in.read();
    if (character >= 0) {
      ask(1);
    }
    return character;
  }

  private void ask(int characters) {
    long more = (long) BYTES_PER_CHARACTER * characters;
    memory.take(more);
    taken += more;
  }

  /** A record has ended. */
  public void endRecord() {
    memory.giveBack(taken);
    taken = 0;
  }
}
