package org.pillion.scoring.pmml;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.Column;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.pmml.expression.ConstantExpression;
import org.pillion.scoring.pmml.expression.DiscretizeExpression;
import org.pillion.scoring.pmml.expression.Outliers;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataDictionary;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Interval;
import org.pillion.scoring.pmml.field.MiningSchema;
import org.pillion.scoring.pmml.field.Step;
import org.pillion.scoring.pmml.field.Values;

/** {@code MiningField} of the document's model: a column as the model may see it. */
final class InputStep implements Step {
  private final int position;
  private final Field field;
  private final InputField contract;
  private final Set<Object> valid;
  private final Set<Object> invalid;
  private final Set<Object> missing;
  private final List<Interval> intervals;
  private final Outliers outliers;
  private final ConstantExpression whenMissing;
  private final ConstantExpression whenInvalid;

  private InputStep(
      int position,
      Field field,
      DataDictionary.DataField declared,
      InputField contract,
      Outliers outliers,
      ConstantExpression whenMissing,
      ConstantExpression whenInvalid) {
    this.position = position;
    this.field = field;
    this.contract = contract;
    this.valid = keys(declared, declared.valid(), true);
    this.invalid = keys(declared, declared.invalid(), false);
    this.missing = keys(declared, declared.missing(), false);
    this.intervals = declared.intervals();
    this.outliers = outliers;
    this.whenMissing = whenMissing;
    this.whenInvalid = whenInvalid;
  }

  static InputStep compile(
      int position, Element mining, DataDictionary.DataField declared, Field field) {
    MiningSchema.requireOptype(mining, declared);
    ConstantExpression whenMissing =
        DiscretizeExpression.optional(mining, "missingValueReplacement", declared.type());
    ConstantExpression whenInvalid =
        DiscretizeExpression.optional(mining, "invalidValueReplacement", declared.type());
    InputField contract =
        InputContract.compile(mining, declared, value(whenMissing), value(whenInvalid));
    return new InputStep(
        position,
        field,
        declared,
        contract,
        Outliers.compile(mining, declared.type()),
        whenMissing,
        whenInvalid);
  }

  private static String value(ConstantExpression constant) {
    if (constant == null) {
      return null;
    }
    DataType type = constant.type().data();
    return type == DataType.STRING
        ? constant.value().text
        : Casting.text(constant.value().number, type);
  }

  /**
   * The values that some texts spell.
   *
   * @param strict whether a text that spells none is a fault; one that stands for a missing or
   *     invalid value in files of text may be anything
   */
  private static Set<Object> keys(
      DataDictionary.DataField declared, List<String> texts, boolean strict) {
    Set<Object> keys = new HashSet<>();
    DataType type = declared.type().data();
    for (String text : texts) {
      try {
        keys.add(type == DataType.STRING ? text : (Object) Casting.parse(text, type));
      } catch (IllegalArgumentException e) {
        if (strict) {
          throw declared.element().unsupportedUse("'" + Element.shorten(text) + "' is no value");
        }
      }
    }
    return keys;
  }

  InputField contract() {
    return contract;
  }

  Field field() {
    return field;
  }

  @Override
  public void run(Frame frame) {
    Column column = frame.batch().column(position);
    Values values = new Values(field, frame.rows());
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      prepare(frame, row, column, cell);
      values.set(row, cell);
    }
    frame.put(field, values);
  }

  private void prepare(Frame frame, int row, Column column, Cell cell) {
    int at = frame.start() + row;
    if (column.isMissing(at)) {
      treatMissing(frame, row, column, cell);
      return;
    }
    boolean compatible = read(column, at, cell);
    Object key = field.type().data() == DataType.STRING ? cell.text : (Object) cell.number;
    if (compatible && !valid.isEmpty() && valid.contains(key)) {
      treatOutlier(cell);
    } else if (compatible && missing.contains(key)) {
      treatMissing(frame, row, column, cell);
    } else if (!compatible
        || !valid.isEmpty()
        || invalid.contains(key)
        || isOutside(cell)
        || cell.state == Cell.INVALID) {
      treatInvalid(frame, row, column, compatible, cell);
    } else {
      treatOutlier(cell);
    }
  }

  /** Reads a value; false where it is no value of the field's type. */
  private boolean read(Column column, int at, Cell cell) {
    if (column instanceof Column.Strings strings) {
      cell.setText(strings.values()[at]);
    } else if (column instanceof Column.Booleans booleans) {
      cell.setBoolean(booleans.values()[at]);
    } else if (column instanceof Column.Longs longs) {
      long value = longs.values()[at];
      cell.setNumber(value, field.type());
      return value == (int) value;
    } else if (column instanceof Column.Floats floats) {
      cell.setNumber(floats.values()[at], field.type());
    } else if (column instanceof Column.Doubles doubles) {
      cell.setNumber(doubles.values()[at], field.type());
    }
    return true;
  }

  private boolean isOutside(Cell cell) {
    if (intervals.isEmpty()) {
      return false;
    }
    for (Interval interval : intervals) {
      if (interval.contains(cell.number)) {
        return false;
      }
    }
    return true;
  }

  private void treatMissing(Frame frame, int row, Column column, Cell cell) {
    if (contract.missing() == MissingTreatment.RETURN_INVALID) {
      refuse(frame, row, column);
      cell.fail("the field '" + field.name() + "' is missing");
    } else {
      replaceMissing(cell);
    }
  }

  private void refuse(Frame frame, int row, Column column) {
    Object value = column.value(frame.start() + row);
    String text = value == null ? null : value.toString();
    frame.fail(
        row,
        field.name(),
        text,
        text == null
            ? "the field '" + field.name() + "' must not be missing"
            : "the field '"
                + field.name()
                + "' does not accept the value '"
                + Element.shorten(text)
                + "'");
  }

  private void replaceMissing(Cell cell) {
    if (whenMissing != null) {
      cell.set(whenMissing.value());
    } else if (contract.missing() == MissingTreatment.RETURN_INVALID) {
      // A value that has become missing fails a row only where something asks for it.
      cell.fail("the field '" + field.name() + "' must not be missing");
    } else {
      cell.setMissing();
    }
  }

  private void treatOutlier(Cell cell) {
    if (outliers.treat(cell, field.type())) {
      replaceMissing(cell);
    }
  }

  private void treatInvalid(Frame frame, int row, Column column, boolean compatible, Cell cell) {
    InvalidTreatment treatment = contract.invalid();
    if (treatment == InvalidTreatment.AS_MISSING) {
      replaceMissing(cell);
    } else if (treatment == InvalidTreatment.RETURN_INVALID || whenInvalid == null && !compatible) {
      refuse(frame, row, column);
      cell.fail("the field '" + field.name() + "' has an invalid value");
    } else if (whenInvalid != null) {
      cell.set(whenInvalid.value());
    } else {
      cell.state = Cell.INVALID;
    }
  }
}
