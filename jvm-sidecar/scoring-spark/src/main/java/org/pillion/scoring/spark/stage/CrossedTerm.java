package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.RowSums;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * A linear sum's terms of an interaction of categories with numbers: a row's categories choose the
 * coefficients that its numbers are multiplied by.
 *
 * <p>The product of a number with the ones of its categories is the number itself, and in the order
 * of the vector's indices only the number varies within a row.
 *
 * @param encoders the categories
 * @param strides per category, how far apart its elements are in the vector
 * @param numbers the numbers; none where categories interact alone
 * @param stride how far apart their elements are
 * @param refusal what of the numbers is refused before they are multiplied
 * @param coefficients those of the interaction's elements
 */
record CrossedTerm(
    List<OneHotEncoder> encoders,
    int[] strides,
    List<Slot> numbers,
    int stride,
    Refusal refusal,
    double[] coefficients)
    implements LinearSum.Term {
  /** What a stage refuses of a number. */
  private enum Refusal {
    NOTHING,
    NULL,
    NULL_AND_NAN
  }

  /** Stands for a category that has no element, so that nothing is added. */
  private static final int ABSENT = -1;

  /** Stands for a category that is refused. */
  private static final int REFUSED = -2;

  /** The term of an interaction, or null where it is one of other columns. */
  static CrossedTerm of(PlanBuilder plan, Interaction interaction, double[] coefficients) {
    List<OneHotEncoder> encoders = new ArrayList<>();
    List<Integer> strides = new ArrayList<>();
    List<Slot> numbers = List.of();
    Refusal refusal = Refusal.NOTHING;
    int stride = 1;
    int next = 1;
    for (int i = interaction.sources().size() - 1; i >= 0; i--) {
      Slot source = interaction.sources().get(i);
      OneHotEncoder encoder = plan.recipe(source, OneHotEncoder.class);
      if (encoder != null) {
        encoders.add(encoder);
        strides.add(next);
      } else if (!numbers.isEmpty()) {
        return null;
      } else if (source.type() != SparkType.VECTOR) {
        numbers = List.of(source);
        refusal = Refusal.NULL;
        stride = next;
      } else {
        AssembledNumbers assembled = AssembledNumbers.of(plan, source);
        if (assembled == null) {
          return null;
        }
        numbers = assembled.columns();
        refusal = assembled.keep() ? Refusal.NOTHING : Refusal.NULL_AND_NAN;
        stride = next;
      }
      next *= source.type() == SparkType.VECTOR ? source.size() : 1;
    }
    // Nominal elements are spread further than the columns' own.
    return next != coefficients.length
        ? null
        : new CrossedTerm(
            encoders,
            strides.stream().mapToInt(Integer::intValue).toArray(),
            numbers,
            stride,
            refusal,
            coefficients);
  }

  /** The columns that are read. */
  List<Slot> columns() {
    List<Slot> all = new ArrayList<>(numbers);
    encoders.forEach(encoder -> all.add(encoder.source()));
    return all;
  }

  /** The most elements other than zero. */
  int most() {
    return Math.max(1, numbers.size());
  }

  @Override
  public void add(Frame frame, RowSums sums) {
    for (Slot slot : refusal == Refusal.NOTHING ? List.<Slot>of() : numbers) {
      LinearSum.refuse(number(frame, slot), sums, refusal == Refusal.NULL_AND_NAN);
    }
    int first = 0;
    int[] firsts = null;
    for (int i = 0; i < strides.length; i++) {
      DoubleColumn indices = number(frame, encoders.get(i).source());
      if (indices.values().length < frame.rows()) {
        first = plus(first, i, indices, 0);
        continue;
      }
      firsts = firsts == null ? new int[frame.rows()] : firsts;
      for (int row = 0; row < firsts.length; row++) {
        firsts[row] = plus(firsts[row], i, indices, row);
      }
    }
    if (first == REFUSED) {
      sums.add(Double.NaN);
    } else if (firsts != null) {
      addByRow(frame, first, firsts, sums.rows());
    } else if (first != ABSENT && numbers.isEmpty()) {
      sums.add(coefficients[first]);
    } else if (first != ABSENT) {
      for (int j = 0; j < numbers.size(); j++) {
        sums.add(number(frame, numbers.get(j)), coefficients[first + j * stride]);
      }
    }
  }

  /** Where a row's coefficients begin, by one category more. */
  private int plus(int first, int category, DoubleColumn indices, int row) {
    OneHotEncoder encoder = encoders.get(category);
    int element =
        indices.isNull(row) ? OneHotEncoder.REFUSED : encoder.element(indices.values()[row]);
    if (element == OneHotEncoder.REFUSED || first == REFUSED) {
      return REFUSED;
    }
    return element >= encoder.target().size() || first == ABSENT
        ? ABSENT
        : first + element * strides[category];
  }

  private void addByRow(Frame frame, int first, int[] firsts, double[] sums) {
    DoubleColumn[] columns =
        numbers.stream().map(slot -> number(frame, slot)).toArray(DoubleColumn[]::new);
    for (int row = 0; row < sums.length; row++) {
      if (firsts[row] == REFUSED) {
        sums[row] = Double.NaN;
      } else if (firsts[row] != ABSENT && first != ABSENT) {
        sums[row] = sum(columns, first + firsts[row], row, sums[row]);
      }
    }
  }

  private double sum(DoubleColumn[] columns, int first, int row, double before) {
    double sum = before;
    if (columns.length == 0) {
      sum += coefficients[first];
    }
    for (int j = 0; j < columns.length; j++) {
      int of = columns[j].values().length == 1 ? 0 : row;
      double value = columns[j].isNull(of) ? Double.NaN : columns[j].values()[of];
      sum += value * coefficients[first + j * stride];
    }
    return sum;
  }

  private static DoubleColumn number(Frame frame, Slot slot) {
    return (DoubleColumn) frame.unrepeated(slot.id());
  }
}
