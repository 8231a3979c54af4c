package org.pillion.scoring.spark.stage;

import java.util.Locale;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;

/** What a stage does with a row that it cannot take: its parameter {@code handleInvalid}. */
enum InvalidHandling {
  /** Spark throws. */
  ERROR,
  /** Spark drops the row. */
  SKIP,
  /** The stage has a value for it. */
  KEEP;

  /** Why a row that is skipped has no result. */
  static final String DROPPED = "Spark drops the row, since a stage skips invalid ones";

  static InvalidHandling of(Element stage) {
    String text = stage.require("invalid");
    for (InvalidHandling handling : values()) {
      if (handling.name().toLowerCase(Locale.ROOT).equals(text)) {
        return handling;
      }
    }
    throw new InvalidModel(
        "the plan's stage " + stage.name() + " handles invalid values by '" + text + "'");
  }
}
