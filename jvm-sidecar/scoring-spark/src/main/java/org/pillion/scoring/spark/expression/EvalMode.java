package org.pillion.scoring.spark.expression;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;

/** What an operation of Spark SQL does where it has no result. */
enum EvalMode {
  /** The row fails. */
  ANSI,
  /** Numbers wrap around or become null. */
  LEGACY,
  /** The result is null. */
  TRY;

  /** The mode of an operation: its own, or that of its SELECT. */
  static EvalMode of(Element element, boolean ansi) {
    if (!element.has("eval")) {
      return ansi ? ANSI : LEGACY;
    }
    return switch (element.require("eval")) {
      case "ansi" -> ANSI;
      case "legacy" -> LEGACY;
      case "try" -> TRY;
      default ->
          throw new InvalidModel(
              "the plan's expression %s is evaluated by '%s'"
                  .formatted(element.name(), element.require("eval")));
    };
  }
}
