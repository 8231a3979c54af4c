package org.pillion.recommender;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.pillion.scoring.FieldType;

/**
 * A field that a request may say of itself.
 *
 * @param name the field's
 * @param type of its values
 * @param range the least and the most of a number; null for any
 * @param derive what is taken from the time where the request does not say; null for nothing
 * @param zone the time zone of that
 * @param otherwise the value where the request does not say, and nothing is derived; null is
 *     missing
 */
public record OnlineField(
    String name, FieldType type, double[] range, Derive derive, ZoneId zone, Object otherwise) {
  /** A part of a moment. */
  public enum Derive {
    /** 0 to 23. */
    HOUR,
    /** 0, a Monday, to 6. */
    WEEKDAY
  }

  /** A field without range, which is missing where a request does not say it. */
  public static OnlineField of(String name, FieldType type) {
    return new OnlineField(name, type, null, null, ZoneOffset.UTC, null);
  }

  /** A whole number from 0 on that is taken from the time where a request does not say it. */
  public static OnlineField of(String name, Derive derive, ZoneId zone) {
    double[] range = {0, derive == Derive.HOUR ? 23 : 6};
    return new OnlineField(name, FieldType.INTEGER, range, derive, zone, null);
  }
}
