package org.pillion.scoring;

/** Which of two candidates with equal scores comes first; what it leaves open, position decides. */
@FunctionalInterface
public interface TieOrder {
  /** The candidate that was given first comes first. */
  TieOrder POSITION = (first, second) -> 0;

  /**
   * Compares two candidates, by their positions in the batch.
   *
   * @return negative where {@code first} comes first, positive where {@code second} does, or 0
   */
  int compare(int first, int second);
}
