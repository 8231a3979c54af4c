package org.pillion.recommender;

import java.util.Locale;

/** Where an answer comes from: the rungs of the ladder, best first. */
public enum Source {
  /** The model, asked for this request. */
  ONLINE,
  /** The user's answer, computed ahead. */
  BATCH,
  /** What is popular in the request's segment. */
  SEGMENT,
  /** What is popular with everybody. */
  POPULAR;

  /** The word that answers use, for example {@code online}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
