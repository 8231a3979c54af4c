package org.pillion.scoring.spark;

import org.pillion.pmml.Element;
import org.pillion.scoring.Column;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.Slot;

/** Makes one output of a result from a column of a frame; failed rows are missing. */
interface OutputWriter {
  /** The column that the output is made of; null where it is made of none. */
  Slot slot();

  /** The output's values for a frame in which the plan has run. */
  Column write(Frame frame);

  /** Whether a row may fail when it is written. */
  default boolean mayFail() {
    return false;
  }

  /**
   * The writer of an output.
   *
   * @param element says which element of a vector it is, or which classes a label stands for
   * @throws InvalidModel when the column cannot become such an output
   */
  static OutputWriter of(OutputField field, Element element, Slot slot) {
    if (element.has("element")) {
      int index = element.count("element");
      if (slot.type() != SparkType.VECTOR || field.type() != FieldType.DOUBLE) {
        throw mismatch(field, slot);
      }
      if (index >= slot.size()) {
        throw new InvalidModel(
            "the plan's output '%s' is element %d of a vector of length %d"
                .formatted(field.name(), index, slot.size()));
      }
      return new ElementWriter(slot, index);
    }
    if (element.has("complement")) {
      if (!element.flag("complement")
          || slot.type() != SparkType.DOUBLE
          || field.type() != FieldType.DOUBLE) {
        throw mismatch(field, slot);
      }
      return new ComplementWriter(slot);
    }
    if (element.hasChild("v")) {
      if (slot.type() != SparkType.DOUBLE && !slot.type().isWhole()) {
        throw mismatch(field, slot);
      }
      return ClassWriter.of(slot, field, element);
    }
    return switch (field.type()) {
      case DOUBLE, FLOAT, INTEGER -> {
        if (!slot.type().isFloating() && !slot.type().isWhole()) {
          throw mismatch(field, slot);
        }
        yield new NumberWriter(slot, field.type());
      }
      case STRING -> {
        if (slot.type() != SparkType.STRING) {
          throw mismatch(field, slot);
        }
        yield new StringWriter(slot);
      }
      case BOOLEAN -> {
        if (slot.type() != SparkType.BOOLEAN) {
          throw mismatch(field, slot);
        }
        yield new BooleanWriter(slot);
      }
    };
  }

  private static InvalidModel mismatch(OutputField field, Slot slot) {
    return new InvalidModel(
        "the plan's output '%s' of type %s cannot be made of the column '%s' of type %s"
            .formatted(field.name(), field.type().text(), slot.name(), slot.type().text()));
  }
}
