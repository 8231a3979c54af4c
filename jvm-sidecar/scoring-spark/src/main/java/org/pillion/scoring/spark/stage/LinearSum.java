package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * A linear model's sum straight from the columns that its vectors are assembled of: the terms are
 * added column by column, in the order of the vector's indices, and a category's term is looked up.
 *
 * <p>That is Spark's order where each row's vector is sparse, which its length and the number of
 * columns decide. Zeros, which a sparse vector does not store, are added here: they change no sum
 * that begins at zero. Where a stage in between refuses a value, the term is NaN, and so is the sum
 * of the row.
 */
final class LinearSum implements Direct {
  /** One column's part of the sum. */
  private interface Term {
    /**
     * Adds it.
     *
     * @param column of as many rows as there are sums, or of one that they all share
     */
    void add(Values column, double[] sums);
  }

  private final Slot[] columns;
  private final Term[] terms;
  private final double intercept;

  private LinearSum(List<Slot> columns, List<Term> terms, double intercept) {
    this.columns = columns.toArray(new Slot[0]);
    this.terms = terms.toArray(new Term[0]);
    this.intercept = intercept;
  }

  /** The sum of a model, or null where a vector may be dense or comes from other stages. */
  static LinearSum of(PlanBuilder plan, Slot features, Dot dot, double intercept) {
    VectorAssembler assembler = plan.recipe(features, VectorAssembler.class);
    double[] coefficients = dot.spread();
    boolean taken =
        assembler != null
            && plan.session().sparse(assembler.sources().size(), features.size())
            && Arrays.stream(coefficients).allMatch(Double::isFinite);
    if (!taken) {
      return null;
    }
    List<Slot> columns = new ArrayList<>();
    List<Term> terms = new ArrayList<>();
    int at = 0;
    for (Slot source : assembler.sources()) {
      if (source.type() == SparkType.VECTOR) {
        OneHotEncoder encoder = plan.recipe(source, OneHotEncoder.class);
        if (encoder == null) {
          return null;
        }
        double[] part = Arrays.copyOfRange(coefficients, at, at + source.size());
        StringIndexer indexer = plan.recipe(encoder.source(), StringIndexer.class);
        if (indexer != null && indexer.source().type() == SparkType.STRING) {
          columns.add(indexer.source());
          terms.add(ofTexts(indexer, encoder, part));
        } else {
          columns.add(encoder.source());
          terms.add(ofIndices(encoder, part));
        }
        at += source.size();
      } else {
        if (dot.has(at)) {
          columns.add(source);
          terms.add(ofNumbers(coefficients[at]));
        } else if (!assembler.keeps()) {
          columns.add(source);
          terms.add(LinearSum::refuse);
        }
        at++;
      }
    }
    return new LinearSum(columns, terms, intercept);
  }

  @Override
  public List<Slot> columns() {
    return List.of(columns);
  }

  /** The sums of all rows, or null where one is NaN, as it is if a stage refuses the row. */
  @Override
  public double[] compute(Frame frame) {
    double[] sums = new double[frame.rows()];
    for (int i = 0; i < terms.length; i++) {
      Values shared = frame.shared(columns[i].id());
      terms[i].add(shared == null ? frame.get(columns[i].id()) : shared, sums);
    }
    boolean sound = true;
    for (int row = 0; row < sums.length; row++) {
      sums[row] += intercept;
      sound &= sums[row] == sums[row];
    }
    return sound ? sums : null;
  }

  private static Term ofNumbers(double coefficient) {
    return (column, sums) -> {
      DoubleColumn numbers = (DoubleColumn) column;
      double[] values = numbers.values();
      if (values.length < sums.length) {
        addToAll(numbers.isNull(0) ? Double.NaN : values[0] * coefficient, sums);
        return;
      }
      for (int row = 0; row < sums.length; row++) {
        sums[row] += values[row] * coefficient;
      }
      for (int row = 0; numbers.nulls() != null && row < sums.length; row++) {
        sums[row] = numbers.nulls()[row] ? Double.NaN : sums[row];
      }
    };
  }

  /** A number that has no coefficient, but may be one that the assembler refuses. */
  private static void refuse(Values column, double[] sums) {
    DoubleColumn numbers = (DoubleColumn) column;
    for (int row = 0; row < sums.length; row++) {
      int of = numbers.values().length < sums.length ? 0 : row;
      if (numbers.isNull(of) || Double.isNaN(numbers.values()[of])) {
        sums[row] = Double.NaN;
      }
    }
  }

  private static Term ofTexts(StringIndexer indexer, OneHotEncoder encoder, double[] part) {
    Labels labels = indexer.labels();
    double[] known = new double[labels.size() + 1];
    for (int index = 0; index <= labels.size(); index++) {
      known[index] = term(encoder, part, index);
    }
    if (!indexer.keeps()) {
      known[labels.size()] = Double.NaN;
    }
    return (column, sums) -> {
      StringColumn texts = (StringColumn) column;
      if (texts.rows() < sums.length) {
        addToAll(known[labels.index(texts.text(0))], sums);
        return;
      }
      for (int row = 0; row < sums.length; row++) {
        sums[row] += known[labels.index(texts.text(row))];
      }
    };
  }

  private static Term ofIndices(OneHotEncoder encoder, double[] part) {
    return (column, sums) -> {
      DoubleColumn indices = (DoubleColumn) column;
      double[] values = indices.values();
      if (values.length < sums.length) {
        addToAll(indices.isNull(0) ? Double.NaN : term(encoder, part, values[0]), sums);
        return;
      }
      for (int row = 0; row < sums.length; row++) {
        sums[row] += indices.isNull(row) ? Double.NaN : term(encoder, part, values[row]);
      }
    };
  }

  /** A 1 times its coefficient; an element beyond the vector's end is not there. */
  private static double term(OneHotEncoder encoder, double[] part, double label) {
    int element = encoder.element(label);
    if (element == OneHotEncoder.REFUSED) {
      return Double.NaN;
    }
    return element < part.length ? part[element] : 0.0;
  }

  private static void addToAll(double term, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += term;
    }
  }
}
