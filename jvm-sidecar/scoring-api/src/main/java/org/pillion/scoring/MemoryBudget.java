package org.pillion.scoring;

/**
 * What may be held in memory; who is about to allocate asks first.
 *
 * <p>Only what grows with a caller's data asks: arrays, texts, answers.
 */
public interface MemoryBudget {
  /** A budget without an end. */
  MemoryBudget UNLIMITED =
      new MemoryBudget() {
        @Override
        public void take(long bytes) {}

        @Override
        public void giveBack(long bytes) {}
      };

  /** What a string takes beside its characters: header, length, hash, array. */
  int STRING_BYTES = 48;

  /**
   * Takes bytes.
   *
   * @throws RuntimeException when they are more than may be held
   */
  void take(long bytes);

  /** Gives bytes back that were taken. */
  void giveBack(long bytes);

  /** Takes what a text needs; null needs nothing. */
  default void take(String text) {
    if (text != null) {
      take(bytes(text));
    }
  }

  /** What a text takes. */
  static long bytes(String text) {
    return STRING_BYTES + 2L * text.length();
  }
}
