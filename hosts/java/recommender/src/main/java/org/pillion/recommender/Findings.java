package org.pillion.recommender;

import org.pillion.features.UserSide;

/** What the online step learned, whether or not it had an answer. */
final class Findings {
  UserSide user = UserSide.NOBODY;
  boolean ranksClasses;
  int seenItems;
  int unscoredItems;
  Double seenShare;
  double fetchMillis;
  double assembleMillis;
  double scoreMillis;
}
