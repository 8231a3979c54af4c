package org.pillion.scoring;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The ids of a table's items in rising order, and which row an id has: whole numbers by their
 * value, or texts by their code points.
 *
 * <p>Rows are found in a table of open addresses, half of which are empty.
 */
abstract sealed class ItemIds {
  private static final int NO_ROW = -1;

  /** Row + 1 by hash; 0 where there is none. */
  final int[] slots;

  private ItemIds(int rows) {
    slots = new int[Math.max(2, Integer.highestOneBit(Math.max(1, rows)) * 4)];
  }

  /**
   * Ids that rise.
   *
   * @param ids a column of whole numbers or of texts, none missing
   */
  static ItemIds of(Column ids) {
    return ids instanceof Column.Longs numbers
        ? new Numbers(numbers.values())
        : new Texts(((Column.Strings) ids).values());
  }

  /** Compares texts by their code points, as UTF-8 and Python order them. */
  static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        boolean bothOrNone = Character.isSurrogate(left) == Character.isSurrogate(right);
        return bothOrNone
            ? Character.compare(left, right)
            : Boolean.compare(Character.isSurrogate(left), Character.isSurrogate(right));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** The rows in rising order of their ids. */
  static int[] order(Column ids) {
    Comparator<Integer> rising =
        ids instanceof Column.Longs numbers
            ? Comparator.comparingLong(row -> numbers.values()[row])
            : (a, b) ->
                compare(((Column.Strings) ids).values()[a], ((Column.Strings) ids).values()[b]);
    return IntStream.range(0, ids.rows())
        .boxed()
        .sorted(rising)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Whole numbers or texts. */
  abstract FieldType type();

  /** The row of an item; -1 where there is none. */
  abstract int row(Object id);

  /** The id of a row. */
  abstract Object id(int row);

  /** What they take, in bytes. */
  abstract long bytes();

  final int firstSlot(int hash) {
    return (hash ^ hash >>> 16) * 0x9E3779B9 >>> Integer.numberOfLeadingZeros(slots.length) + 1;
  }

  final void put(int row, int hash) {
    int slot = firstSlot(hash);
    while (slots[slot] != 0) {
      slot = slot + 1 & slots.length - 1;
    }
    slots[slot] = row + 1;
  }

  private static final class Numbers extends ItemIds {
    private final long[] ids;

    Numbers(long[] ids) {
      super(ids.length);
      this.ids = ids;
      for (int row = 0; row < ids.length; row++) {
        put(row, Long.hashCode(ids[row]));
      }
    }

    @Override
    FieldType type() {
      return FieldType.INTEGER;
    }

    @Override
    int row(Object id) {
      return id instanceof Long number ? row((long) number) : NO_ROW;
    }

    private int row(long id) {
      int slot = firstSlot(Long.hashCode(id));
      while (slots[slot] != 0 && ids[slots[slot] - 1] != id) {
        slot = slot + 1 & slots.length - 1;
      }
      return slots[slot] - 1;
    }

    @Override
    Object id(int row) {
      return ids[row];
    }

    @Override
    long bytes() {
      return (long) Long.BYTES * ids.length + (long) Integer.BYTES * slots.length;
    }
  }

  /** Texts as UTF-8, one after the other. */
  private static final class Texts extends ItemIds {
    private final byte[] utf8;

    /** Where each text ends. */
    private final int[] ends;

    Texts(String[] ids) {
      super(ids.length);
      ends = new int[ids.length];
      byte[] all = new byte[Math.max(16, 16 * ids.length)];
      int end = 0;
      for (int row = 0; row < ids.length; row++) {
        byte[] text = ids[row].getBytes(StandardCharsets.UTF_8);
        if (text.length > all.length - end) {
          all = Arrays.copyOf(all, Math.max(Math.addExact(end, text.length), all.length + end / 2));
        }
        System.arraycopy(text, 0, all, end, text.length);
        end += text.length;
        ends[row] = end;
        put(row, Arrays.hashCode(text));
      }
      utf8 = Arrays.copyOf(all, end);
    }

    @Override
    FieldType type() {
      return FieldType.STRING;
    }

    @Override
    int row(Object id) {
      if (!(id instanceof String text)) {
        return NO_ROW;
      }
      byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
      int slot = firstSlot(Arrays.hashCode(wanted));
      while (slots[slot] != 0 && !isAt(slots[slot] - 1, wanted)) {
        slot = slot + 1 & slots.length - 1;
      }
      return slots[slot] - 1;
    }

    private int start(int row) {
      return row == 0 ? 0 : ends[row - 1];
    }

    private boolean isAt(int row, byte[] text) {
      return Arrays.equals(utf8, start(row), ends[row], text, 0, text.length);
    }

    @Override
    Object id(int row) {
      int start = start(row);
      return new String(utf8, start, ends[row] - start, StandardCharsets.UTF_8);
    }

    @Override
    long bytes() {
      return utf8.length + (long) Integer.BYTES * (ends.length + slots.length);
    }
  }
}
