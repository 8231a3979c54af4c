package org.pillion.recommender;

import java.time.Duration;

/**
 * How a model is served.
 *
 * @param mode whether a user's answer computed ahead comes before asking the model
 * @param maxAge the age from which answers computed ahead do not come before it
 * @param firstPhase what picks candidates in place of the popular items; null for nothing
 */
public record Serving(Mode mode, Duration maxAge, FirstPhase firstPhase) {
  /** A model of which nothing is said is asked for each request, about popular items. */
  public static final Serving ONLINE = new Serving(Mode.ONLINE, Duration.ofHours(48), null);

  /** Which comes first. */
  public enum Mode {
    /** The model. */
    ONLINE,
    /** The answer computed ahead, where there is one. */
    BATCH,
    /** The answer computed ahead, where the model would be given what the run was given. */
    AUTO
  }
}
