package org.pillion.scoring.spark.expression;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** A compiled expression of Spark SQL with the columns that it reads. */
public final class Expressions {
  private final Expression expression;
  private final List<Slot> reads;

  private Expressions(Expression expression, List<Slot> reads) {
    this.expression = expression;
    this.reads = reads;
  }

  /**
   * Compiles an element.
   *
   * @param ansi whether Spark ran in ANSI mode
   * @throws UnsupportedElement when it is not compiled
   */
  public static Expressions compile(Element element, PlanBuilder plan, boolean ansi) {
    ExpressionCompiler compiler = new ExpressionCompiler(plan, ansi);
    Expression expression = compiler.compile(element);
    return new Expressions(expression, compiler.reads());
  }

  /** The columns that it reads. */
  public List<Slot> reads() {
    return reads;
  }

  /** Type of its values. */
  public SparkType type() {
    return expression.type();
  }

  /**
   * Its values for a batch.
   *
   * @param blame slot whose inputs are named when a row fails
   */
  public Values evaluate(Frame frame, int blame) {
    return expression.evaluate(new Evaluation(frame, null, blame));
  }

  /** The rows for which it is true, rather than false or null. */
  public boolean[] holds(Frame frame, int blame) {
    BooleanColumn flags = (BooleanColumn) evaluate(frame, blame);
    boolean[] out = flags.values().clone();
    for (int row = 0; row < out.length; row++) {
      out[row] &= !flags.isNull(row);
    }
    return out;
  }

  static UnsupportedElement unknown(String name) {
    return new UnsupportedElement(name, "the expression '" + name + "' is not compiled");
  }
}
