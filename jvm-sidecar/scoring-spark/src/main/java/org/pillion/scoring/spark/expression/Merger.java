package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** A column whose rows come from several others; rows that none gives are null. */
final class Merger {
  private final SparkType type;
  private final boolean[] nulls;
  private final double[] numbers;
  private final long[] wholes;
  private final BigDecimal[] decimals;
  private final boolean[] flags;
  private final int[] codes;
  private final List<String> dictionary = new ArrayList<>();

  Merger(SparkType type, int rows) {
    this.type = type;
    nulls = new boolean[rows];
    Arrays.fill(nulls, true);
    numbers = type.isFloating() ? new double[rows] : null;
    wholes = type.isLong() ? new long[rows] : null;
    decimals = type == SparkType.DECIMAL ? new BigDecimal[rows] : null;
    flags = type == SparkType.BOOLEAN ? new boolean[rows] : null;
    codes = type == SparkType.STRING ? new int[rows] : null;
    if (!type.isScalar()) {
      throw Expressions.unknown("a choice between values of type " + type.text());
    }
  }

  /**
   * Takes rows over.
   *
   * @param rows which; null for all
   */
  void take(Values values, boolean[] rows) {
    int shift = dictionary.size();
    if (values instanceof StringColumn texts) {
      dictionary.addAll(Arrays.asList(texts.dictionary()));
    }
    for (int row = 0; row < nulls.length; row++) {
      if (rows != null && !rows[row]) {
        continue;
      }
      nulls[row] = values.isNull(row);
      if (values instanceof DoubleColumn in) {
        numbers[row] = in.values()[row];
      } else if (values instanceof LongColumn in) {
        wholes[row] = in.values()[row];
      } else if (values instanceof DecimalColumn in) {
        decimals[row] = in.values()[row];
      } else if (values instanceof BooleanColumn in) {
        flags[row] = in.values()[row];
      } else if (values instanceof StringColumn in) {
        codes[row] = in.codes()[row] + shift;
      }
    }
  }

  Values build() {
    boolean[] mask = null;
    for (boolean isNull : nulls) {
      if (isNull) {
        mask = nulls;
        break;
      }
    }
    if (type == SparkType.STRING) {
      for (int row = 0; row < codes.length; row++) {
        codes[row] = nulls[row] ? -1 : codes[row];
      }
      return new StringColumn(codes, dictionary.toArray(new String[0]));
    }
    if (type == SparkType.DECIMAL) {
      return new DecimalColumn(decimals);
    }
    if (type == SparkType.BOOLEAN) {
      return new BooleanColumn(flags, mask);
    }
    return type.isFloating() ? new DoubleColumn(numbers, mask) : new LongColumn(wholes, mask);
  }
}
