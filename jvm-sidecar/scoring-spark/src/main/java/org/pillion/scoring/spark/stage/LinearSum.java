package org.pillion.scoring.spark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.RowSums;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
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
  /** A part of the sum. */
  interface Term {
    /** Adds it. */
    void add(Frame frame, RowSums sums);
  }

  private final List<Slot> columns;
  private final Term[] terms;
  private final double intercept;

  private LinearSum(Set<Slot> columns, List<Term> terms, double intercept) {
    this.columns = List.copyOf(columns);
    this.terms = terms.toArray(new Term[0]);
    this.intercept = intercept;
  }

  /** The sum of a model, or null where a vector may be dense or comes from other stages. */
  static LinearSum of(PlanBuilder plan, Slot features, Dot dot, double intercept) {
    VectorAssembler assembler = plan.recipe(features, VectorAssembler.class);
    double[] coefficients = dot.spread();
    if (assembler == null || !Arrays.stream(coefficients).allMatch(Double::isFinite)) {
      return null;
    }
    Terms terms = new Terms(plan, dot, coefficients);
    for (Slot source : assembler.sources()) {
      if (!terms.add(source, assembler.keeps())) {
        return null;
      }
    }
    return plan.session().sparse(terms.most, features.size())
        ? new LinearSum(terms.columns, terms.list, intercept)
        : null;
  }

  /** Collects the terms of a sum. */
  private static final class Terms {
    private final PlanBuilder plan;
    private final Dot dot;
    private final double[] coefficients;
    private final Set<Slot> columns = new LinkedHashSet<>();
    private final List<Term> list = new ArrayList<>();

    /** The position in the vector that is next. */
    private int at;

    /** The most elements other than zero that the vector can have so far. */
    private int most;

    Terms(PlanBuilder plan, Dot dot, double[] coefficients) {
      this.plan = plan;
      this.dot = dot;
      this.coefficients = coefficients;
    }

    /** Adds what a column gives to the sum; returns false where it is made by another stage. */
    boolean add(Slot source, boolean keeps) {
      if (source.type() != SparkType.VECTOR) {
        addNumber(source, keeps);
        return true;
      }
      double[] part = Arrays.copyOfRange(coefficients, at, at + source.size());
      OneHotEncoder encoder = plan.recipe(source, OneHotEncoder.class);
      Interaction interaction = plan.recipe(source, Interaction.class);
      if (encoder != null) {
        addCategory(encoder, part);
        most++;
      } else if (interaction != null) {
        CrossedTerm crossed = CrossedTerm.of(plan, interaction, part);
        if (crossed == null) {
          return false;
        }
        columns.addAll(crossed.columns());
        list.add(crossed);
        most += crossed.most();
      } else {
        return false;
      }
      at += source.size();
      return true;
    }

    private void addNumber(Slot source, boolean keeps) {
      if (dot.has(at)) {
        double coefficient = coefficients[at];
        columns.add(source);
        list.add(
            (frame, sums) -> sums.add((DoubleColumn) frame.unrepeated(source.id()), coefficient));
      } else if (!keeps) {
        columns.add(source);
        list.add((frame, sums) -> refuse((DoubleColumn) frame.unrepeated(source.id()), sums, true));
      }
      at++;
      most++;
    }

    private void addCategory(OneHotEncoder encoder, double[] part) {
      StringIndexer indexer = plan.recipe(encoder.source(), StringIndexer.class);
      if (indexer != null && indexer.source().type() == SparkType.STRING) {
        columns.add(indexer.source());
        list.add(ofTexts(indexer, encoder, part));
      } else {
        columns.add(encoder.source());
        list.add(ofIndices(encoder, part));
      }
    }
  }

  @Override
  public List<Slot> columns() {
    return columns;
  }

  /** The sums of all rows; one that is NaN, as it is if a stage refuses the row, is declined. */
  @Override
  public double[] compute(Frame frame) {
    RowSums all = new RowSums(frame.rows());
    for (Term term : terms) {
      term.add(frame, all);
    }
    double[] sums = all.rows();
    boolean sound = true;
    for (int row = 0; row < sums.length; row++) {
      sums[row] += intercept;
      sound &= sums[row] == sums[row];
    }
    for (int row = 0; !sound && row < sums.length; row++) {
      if (Double.isNaN(sums[row])) {
        frame.decline(row);
      }
    }
    return frame.isDeclined() ? null : sums;
  }

  /**
   * Makes the sums NaN of rows whose number is refused, though nothing of it is added.
   *
   * @param nan whether NaN is refused, beside null
   */
  static void refuse(DoubleColumn numbers, RowSums sums, boolean nan) {
    double[] values = numbers.values();
    double[] rows = sums.rows();
    for (int row = 0; row < rows.length; row++) {
      int of = values.length < rows.length ? 0 : row;
      if (numbers.isNull(of) || nan && Double.isNaN(values[of])) {
        rows[row] = Double.NaN;
      }
    }
  }

  private static Term ofTexts(StringIndexer indexer, OneHotEncoder encoder, double[] part) {
    Slot source = indexer.source();
    Labels labels = indexer.labels();
    double[] known = new double[labels.size() + 1];
    for (int index = 0; index <= labels.size(); index++) {
      known[index] = term(encoder, part, index);
    }
    if (!indexer.keeps()) {
      known[labels.size()] = Double.NaN;
    }
    return (frame, sums) -> {
      StringColumn texts = (StringColumn) frame.unrepeated(source.id());
      if (texts.rows() < frame.rows()) {
        sums.add(known[labels.index(texts.text(0))]);
      } else if (texts.isNumbered()) {
        String[] different = texts.dictionary();
        double[] byCode = new double[different.length];
        for (int code = 0; code < byCode.length; code++) {
          byCode[code] = known[labels.index(different[code])];
        }
        addLookedUp(texts.codes(), byCode, known[labels.size()], sums.rows());
      } else {
        double[] rows = sums.rows();
        for (int row = 0; row < rows.length; row++) {
          rows[row] += known[labels.index(texts.text(row))];
        }
      }
    };
  }

  private static void addLookedUp(int[] codes, double[] byCode, double ofNull, double[] sums) {
    for (int row = 0; row < sums.length; row++) {
      sums[row] += codes[row] < 0 ? ofNull : byCode[codes[row]];
    }
  }

  private static Term ofIndices(OneHotEncoder encoder, double[] part) {
    return (frame, sums) -> {
      DoubleColumn indices = (DoubleColumn) frame.unrepeated(encoder.source().id());
      double[] values = indices.values();
      if (values.length < frame.rows()) {
        sums.add(indices.isNull(0) ? Double.NaN : term(encoder, part, values[0]));
        return;
      }
      double[] rows = sums.rows();
      for (int row = 0; row < rows.length; row++) {
        rows[row] += indices.isNull(row) ? Double.NaN : term(encoder, part, values[row]);
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
}
