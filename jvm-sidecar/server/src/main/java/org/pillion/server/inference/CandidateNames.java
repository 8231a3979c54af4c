package org.pillion.server.inference;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pillion.scoring.Column;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.Shortlist;
import org.pillion.scoring.TieOrder;

/**
 * What a request's candidates are called: first items of a table by their rows, then items that the
 * request describes itself.
 */
public final class CandidateNames {
  private static final int[] NO_ROWS = {};

  private final ItemTable table;
  private final int[] rows;
  private final Column described;
  private final Shortlist shortlist;

  private CandidateNames(ItemTable table, int[] rows, Column described, Shortlist shortlist) {
    this.table = table;
    this.rows = rows;
    this.described = described;
    this.shortlist = shortlist;
  }

  /** Names that the request gives for candidates that it describes. */
  static CandidateNames of(Column described) {
    return new CandidateNames(null, NO_ROWS, described, null);
  }

  /**
   * Names of rows of a table.
   *
   * @param described what comes after them; null for nothing
   * @param shortlist what picked the rows; null where no first phase did
   */
  static CandidateNames of(ItemTable table, int[] rows, Column described, Shortlist shortlist) {
    return new CandidateNames(table, rows, described, shortlist);
  }

  /** What a first phase picked them from; null where there was none. */
  Shortlist shortlist() {
    return shortlist;
  }

  /** How many there are. */
  int count() {
    return rows.length + (described == null ? 0 : described.rows());
  }

  /** The names of all candidates. */
  Set<Object> all() {
    return IntStream.range(0, count()).mapToObj(this::name).collect(Collectors.toSet());
  }

  /** The names of some candidates, {@code Long} or {@code String}. */
  Object[] names(int[] candidates) {
    return IntStream.of(candidates).mapToObj(this::name).toArray();
  }

  private Object name(int candidate) {
    return candidate < rows.length
        ? table.id(rows[candidate])
        : described.value(candidate - rows.length);
  }

  /** Rising items: numbers by their value, texts by their code points. */
  TieOrder ties() {
    if (described == null) {
      return (a, b) -> Integer.compare(rows[a], rows[b]);
    }
    return (a, b) -> {
      Object left = name(a);
      Object right = name(b);
      if (left instanceof Long number && right instanceof Long other) {
        return Long.compare(number, other);
      }
      return left instanceof String text && right instanceof String other
          ? ItemTable.compare(text, other)
          : Boolean.compare(left instanceof String, right instanceof String);
    };
  }
}
