package org.pillion.differential;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;

/** Rows that fit a contract: ordinary ones first, then ones with values that nobody expects. */
final class RandomRows {
  private static final double[] STRANGE = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -0d,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.MIN_VALUE,
    0.5,
    1,
    -1
  };

  private final Random random;
  private final int rows;

  RandomRows(long seed, int rows) {
    this.random = new Random(seed);
    this.rows = rows;
  }

  ColumnBatch batch(FeatureContract contract) {
    Map<String, Column> columns = new LinkedHashMap<>();
    for (InputField field : contract.inputs()) {
      ColumnBuilder builder = new ColumnBuilder(field.name(), field.type(), rows);
      for (int row = 0; row < rows; row++) {
        builder.addBoxed(value(field, row > rows / 3));
      }
      columns.put(field.name(), builder.build());
    }
    return ColumnBatch.of(contract, rows, columns);
  }

  private Object value(InputField field, boolean strange) {
    int dice = strange ? random.nextInt(100) : 100;
    if (dice < 5) {
      return null;
    }
    boolean any = dice < 12 || field.values().isEmpty();
    return any ? any(field, dice < 15) : pick(field.values());
  }

  private Object any(InputField field, boolean strange) {
    return switch (field.type()) {
      case STRING -> pick(List.of("red", "green", "blue", "", "never seen", "1"));
      case INTEGER -> strange ? pick(List.of(5_000_000_000L, -7L, 0L)) : 18L + random.nextInt(62);
      case DOUBLE -> strange ? strange() : number();
      case FLOAT -> (float) (strange ? strange() : number());
      case BOOLEAN -> random.nextBoolean();
    };
  }

  private double strange() {
    return STRANGE[random.nextInt(STRANGE.length)];
  }

  private double number() {
    return random.nextInt(4) == 0 ? random.nextInt(11) - 3 : random.nextGaussian() * 20 + 10;
  }

  private Object pick(List<?> values) {
    return values.get(random.nextInt(values.size()));
  }
}
