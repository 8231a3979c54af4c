package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.expression.Scope;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;

/**
 * {@code RegressionTable}: numbers first, then categories, then products, and the intercept last,
 * each in document order.
 */
final class RegressionTable {
  private record Number(Field field, double coefficient, int exponent) {
    double term(double value, MathContext math) {
      double factor = math.round(value);
      return math.round(
          coefficient * (exponent == 1 ? factor : math.round(Math.pow(factor, exponent))));
    }
  }

  /** Consecutive predictors of one field, of which at most one applies. */
  private record Group(Field field, double[] byCode) {
    double term(int code) {
      return code < byCode.length ? byCode[code] : 0d;
    }
  }

  private record Product(double coefficient, Field[] factors) {}

  private final Number[] numbers;
  private final Group[] groups;
  private final Product[] products;
  private final double intercept;
  private final MathContext math;

  private RegressionTable(
      List<Number> numbers,
      List<Group> groups,
      List<Product> products,
      double intercept,
      MathContext math) {
    this.numbers = numbers.toArray(new Number[0]);
    this.groups = groups.toArray(new Group[0]);
    this.products = products.toArray(new Product[0]);
    this.intercept = intercept;
    this.math = math;
  }

  static RegressionTable compile(Element element, Scope scope, MathContext math) {
    List<Number> numbers = new ArrayList<>();
    for (Element child : element.children("NumericPredictor")) {
      numbers.add(number(child, scope, math));
    }
    List<Product> products = new ArrayList<>();
    List<Element> predictors = element.children("CategoricalPredictor");
    List<Group> groups = groups(predictors, scope, math);
    for (Element child : element.children("PredictorTerm")) {
      child.ignore("name");
      Field[] factors =
          child.children("FieldRef").stream()
              .map(factor -> numeric(factor, "field", scope))
              .toArray(Field[]::new);
      if (factors.length == 0) {
        throw child.invalid("has no FieldRef");
      }
      products.add(new Product(math.round(child.finite("coefficient")), factors));
    }
    double intercept = math.round(element.finite("intercept", 0d));
    return new RegressionTable(numbers, groups, products, intercept, math);
  }

  private static Number number(Element element, Scope scope, MathContext math) {
    double exponent = element.finite("exponent", 1d);
    if (exponent != (int) exponent) {
      throw element.unsupported("exponent");
    }
    return new Number(
        numeric(element, "name", scope), math.round(element.finite("coefficient")), (int) exponent);
  }

  private static Field numeric(Element element, String attribute, Scope scope) {
    Field field = scope.resolve(element, attribute);
    if (field.type().data() == DataType.STRING) {
      throw element.unsupportedUse("the field '" + field.name() + "' is not a number");
    }
    return field;
  }

  private static List<Group> groups(List<Element> predictors, Scope scope, MathContext math) {
    List<Group> groups = new ArrayList<>();
    int next = 0;
    while (next < predictors.size()) {
      Field field = scope.resolve(predictors.get(next), "name");
      int end = next;
      List<Integer> codes = new ArrayList<>();
      while (end < predictors.size() && predictors.get(end).require("name").equals(field.name())) {
        codes.add(field.define(predictors.get(end), "value"));
        end++;
      }
      double[] byCode = new double[field.dictionary().size()];
      // From the last one, so that of equal values the first one counts.
      for (int i = end - 1; i >= next; i--) {
        byCode[codes.get(i - next)] = math.round(predictors.get(i).finite("coefficient"));
      }
      groups.add(new Group(field, byCode));
      next = end;
    }
    return groups;
  }

  /** Whether the table stands for the class that needs no terms. */
  boolean isEmpty() {
    return numbers.length + groups.length + products.length == 0 && intercept == 0d;
  }

  /** Adds the fields that the table reads. */
  void addFields(Set<Field> fields) {
    for (Number number : numbers) {
      fields.add(number.field());
    }
    for (Group group : groups) {
      fields.add(group.field());
    }
    for (Product product : products) {
      fields.addAll(List.of(product.factors()));
    }
  }

  /** The sums of rows that have values in all fields; those of other rows mean nothing. */
  double[] sums(Frame frame) {
    double[] sums = new double[frame.rows()];
    for (Number number : numbers) {
      add(number, frame.values(number.field()).numbers, sums);
    }
    for (Group group : groups) {
      int[] codes = frame.values(group.field()).codes();
      for (int row = 0; row < sums.length; row++) {
        sums[row] = math.round(sums[row] + group.term(codes[row]));
      }
    }
    for (Product product : products) {
      add(frame, product, sums);
    }
    if (intercept != 0d) {
      for (int row = 0; row < sums.length; row++) {
        sums[row] = math.round(sums[row] + intercept);
      }
    }
    return sums;
  }

  private void add(Number number, double[] values, double[] sums) {
    double coefficient = number.coefficient();
    if (number.exponent() == 1 && math == MathContext.DOUBLE) {
      for (int row = 0; row < sums.length; row++) {
        sums[row] += coefficient * values[row];
      }
    } else {
      for (int row = 0; row < sums.length; row++) {
        sums[row] = math.round(sums[row] + number.term(values[row], math));
      }
    }
  }

  private void add(Frame frame, Product product, double[] sums) {
    double[] terms = new double[sums.length];
    java.util.Arrays.fill(terms, product.coefficient());
    for (Field factor : product.factors()) {
      double[] values = frame.values(factor).numbers;
      for (int row = 0; row < terms.length; row++) {
        terms[row] = math.round(terms[row] * math.round(values[row]));
      }
    }
    for (int row = 0; row < terms.length; row++) {
      sums[row] = math.round(sums[row] + terms[row]);
    }
  }

  /**
   * The sum of any row, term by term until the interpreter would stop.
   *
   * @param result the sum, missing where a number is, or failed where a field is
   */
  void sum(Frame frame, int row, Cell result) {
    double sum = 0d;
    for (Number number : numbers) {
      Values values = frame.values(number.field());
      if (!values.hasValue(row)) {
        values.get(row, result);
        return;
      }
      sum = math.round(sum + number.term(values.numbers[row], math));
    }
    for (Group group : groups) {
      Values values = frame.values(group.field());
      if (values.hasValue(row)) {
        sum = math.round(sum + group.term(values.codes()[row]));
      } else if (values.states[row] == Cell.FAILED) {
        values.get(row, result);
        return;
      }
    }
    for (Product product : products) {
      double term = product.coefficient();
      for (Field factor : product.factors()) {
        Values values = frame.values(factor);
        if (!values.hasValue(row)) {
          values.get(row, result);
          return;
        }
        term = math.round(term * math.round(values.numbers[row]));
      }
      sum = math.round(sum + term);
    }
    result.number = intercept == 0d ? sum : math.round(sum + intercept);
    result.state = Cell.VALID;
  }
}
