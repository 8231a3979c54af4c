package org.pillion.scoring;

import java.util.Objects;

/**
 * Why one row could not be scored.
 *
 * @param row position in the batch, from 0
 * @param field the field to blame, or null when it is not known
 * @param value the value of that field as text, or null when it is missing or not known
 * @param message one sentence
 */
public record RowError(int row, String field, String value, String message) {
  public RowError {
    Objects.requireNonNull(message, "message");
  }
}
