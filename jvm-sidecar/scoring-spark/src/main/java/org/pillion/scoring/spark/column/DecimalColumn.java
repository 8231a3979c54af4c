package org.pillion.scoring.spark.column;

import java.math.BigDecimal;
import java.util.Arrays;

/**
 * Decimal numbers.
 *
 * @param values length: rows; null for null
 */
public record DecimalColumn(BigDecimal[] values) implements Values {
  @Override
  public boolean[] nulls() {
    boolean[] nulls = null;
    for (int row = 0; row < values.length; row++) {
      if (values[row] == null) {
        nulls = nulls == null ? new boolean[values.length] : nulls;
        nulls[row] = true;
      }
    }
    return nulls;
  }

  @Override
  public boolean isNull(int row) {
    return values[row] == null;
  }

  @Override
  public DecimalColumn repeat(int rows) {
    BigDecimal[] all = new BigDecimal[rows];
    Arrays.fill(all, values[0]);
    return new DecimalColumn(all);
  }
}
