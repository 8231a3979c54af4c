package org.pillion.registry;

import org.pillion.scoring.Scorer;

/** Scores the verification rows until the JVM has compiled the hot code of a model. */
final class Warmup {
  private static final int ROWS = 2_000;
  private static final int MAX_PASSES = 20;

  private Warmup() {}

  static void run(Scorer scorer, VerificationSet verification) {
    int passes = Math.min(MAX_PASSES, ROWS / Math.max(1, verification.rows()));
    for (int pass = 0; pass < passes; pass++) {
      scorer.score(verification.batch());
    }
  }
}
