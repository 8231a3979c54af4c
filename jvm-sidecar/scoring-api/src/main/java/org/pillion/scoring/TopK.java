package org.pillion.scoring;

/** The best of the rows that were offered: a heap of so many, the worst of which is at the top. */
final class TopK {
  private final TieOrder ties;
  private final int[] rows;
  private final double[] scores;
  private int size;

  /**
   * No rows yet.
   *
   * @param k how many are kept at most
   */
  TopK(int k, TieOrder ties) {
    this.ties = ties;
    this.rows = new int[k];
    this.scores = new double[k];
  }

  /** A row with a lower score is not kept; −∞ while there is room for any. */
  double least() {
    return size < rows.length ? Double.NEGATIVE_INFINITY : size == 0 ? Double.NaN : scores[0];
  }

  /** Whether a row with a score is one of the best so far. */
  boolean wants(int row, double score) {
    return size < rows.length
        ? !Double.isNaN(score)
        : size > 0 && isBefore(row, score, rows[0], scores[0]);
  }

  /** Keeps a row that it {@linkplain #wants wants}. */
  void add(int row, double score) {
    if (size < rows.length) {
      int at = size++;
      while (at > 0 && isBefore(rows[at - 1 >> 1], scores[at - 1 >> 1], row, score)) {
        move(at - 1 >> 1, at);
        at = at - 1 >> 1;
      }
      put(at, row, score);
      return;
    }
    sink(row, score);
  }

  /** Adds the rows of another. */
  void addAll(TopK other) {
    for (int i = 0; i < other.size; i++) {
      if (wants(other.rows[i], other.scores[i])) {
        add(other.rows[i], other.scores[i]);
      }
    }
  }

  /** Puts a row in the place of the worst one. */
  private void sink(int row, double score) {
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size
          && isBefore(rows[child], scores[child], rows[child + 1], scores[child + 1])) {
        child++;
      }
      if (!isBefore(row, score, rows[child], scores[child])) {
        break;
      }
      move(child, at);
      at = child;
    }
    put(at, row, score);
  }

  private void move(int from, int to) {
    rows[to] = rows[from];
    scores[to] = scores[from];
  }

  private void put(int at, int row, double score) {
    rows[at] = row;
    scores[at] = score;
  }

  /** Whether the first of two rows is the better one. */
  private boolean isBefore(int row, double score, int other, double otherScore) {
    if (score != otherScore) {
      return score > otherScore;
    }
    int order = ties.compare(row, other);
    return order != 0 ? order < 0 : row < other;
  }

  /** The rows that were kept, the best first. */
  Sorted sorted() {
    Sorted sorted = new Sorted(new int[size], new double[size]);
    while (size > 0) {
      int worst = rows[0];
      double least = scores[0];
      size--;
      sink(rows[size], scores[size]);
      sorted.rows[size] = worst;
      sorted.scores[size] = least;
    }
    return sorted;
  }

  /** Rows and their scores, the best first. */
  record Sorted(int[] rows, double[] scores) {}
}
