package org.pillion.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;

/**
 * An operator's decision about a model.
 *
 * @param pinned the version that is to serve, or {@link #NEWEST} for the highest that can
 * @param history versions that promotions replaced, the latest last
 * @param unloaded whether no version of it is to be held in memory
 */
record ServingChoice(long pinned, List<Long> history, boolean unloaded) {
  static final long NEWEST = 0;

  /** The choice for a model without a decision. */
  static final ServingChoice DEFAULT = new ServingChoice(NEWEST, List.of(), false);

  private static final int LONGEST_HISTORY = 10;

  ServingChoice {
    history =
        List.copyOf(history.subList(Math.max(0, history.size() - LONGEST_HISTORY), history.size()));
  }

  /**
   * The entry of the version that serves. A pinned version that cannot serve is replaced by the
   * nearest lower one, and only where there is none by a higher one.
   *
   * @param ready versions that can serve; not empty
   */
  <T> Map.Entry<Long, T> serving(NavigableMap<Long, T> ready) {
    if (pinned == NEWEST) {
      return ready.lastEntry();
    }
    Map.Entry<Long, T> nearest = ready.floorEntry(pinned);
    return nearest == null ? ready.firstEntry() : nearest;
  }

  /** The version to go back to: the last that a promotion replaced, else the next lower one. */
  OptionalLong previous(long serving, NavigableMap<Long, ?> ready) {
    for (int i = history.size() - 1; i >= 0; i--) {
      long version = history.get(i);
      if (version != serving && ready.containsKey(version)) {
        return OptionalLong.of(version);
      }
    }
    Long lower = ready.lowerKey(serving);
    return lower == null ? OptionalLong.empty() : OptionalLong.of(lower);
  }

  ServingChoice promoted(long version, long serving) {
    List<Long> longer = new ArrayList<>(history);
    if (serving != version) {
      longer.add(serving);
    }
    return new ServingChoice(version, longer, false);
  }

  /** Forgets the promotions after the version. */
  ServingChoice rolledBack(long version) {
    int at = history.lastIndexOf(version);
    return new ServingChoice(version, at < 0 ? List.of() : history.subList(0, at), false);
  }

  ServingChoice withUnloaded(boolean value) {
    return new ServingChoice(pinned, history, value);
  }
}
