package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Values;

/** Some {@code PCell}s of a general regression: coefficients times what their parameters are. */
final class LinearPredictor {
  /** What a parameter's coefficient is multiplied with. */
  private record Product(List<Factor> factors, List<Covariate> covariates) {
    private static final Product ONE = new Product(List.of(), List.of());
  }

  private record Factor(Field field, int code) {}

  private record Covariate(Field field, double exponent) {}

  private record Term(double beta, Product product) {}

  /** {@code ParameterList} and {@code PPMatrix}: what each parameter is. */
  static final class Parameters {
    private final Set<String> names = new HashSet<>();
    private final Map<String, Product> products = new HashMap<>();

    Parameters(ModelContext context) {
      Element element = context.element();
      for (Element parameter : element.requireChild("ParameterList").children("Parameter")) {
        parameter.ignore("label", "referencePoint");
        if (!names.add(parameter.require("name"))) {
          throw parameter.invalid("declares a parameter twice");
        }
      }
      Set<String> factors = predictors(element.child("FactorList"));
      Set<String> covariates = predictors(element.child("CovariateList"));
      for (Element cell : element.requireChild("PPMatrix").children("PPCell")) {
        add(context, cell, factors, covariates);
      }
    }

    private void add(
        ModelContext context, Element cell, Set<String> factors, Set<String> covariates) {
      String name = cell.require("predictorName");
      Product product =
          products.computeIfAbsent(
              cell.require("parameterName"),
              unused -> new Product(new ArrayList<>(), new ArrayList<>()));
      if (factors.contains(name)) {
        Field field = context.scope().resolve(cell, "predictorName");
        product.factors().add(new Factor(field, field.define(cell, "value")));
      } else if (covariates.contains(name)) {
        product.covariates().add(covariate(context, cell));
      } else {
        throw cell.invalid("names the predictor '" + name + "', which is not declared");
      }
    }

    private static Covariate covariate(ModelContext context, Element cell) {
      Field field = context.scope().resolve(cell, "predictorName");
      if (field.type().data() == DataType.STRING) {
        throw cell.unsupportedUse("the field '" + field.name() + "' is not a number");
      }
      return new Covariate(field, cell.finite("value"));
    }

    private static Set<String> predictors(Element list) {
      Set<String> names = new HashSet<>();
      if (list != null) {
        list.children("Predictor").forEach(predictor -> names.add(predictor.require("name")));
      }
      return names;
    }
  }

  private final Term[] terms;
  private final Field[] fields;

  private LinearPredictor(Term[] terms) {
    this.terms = terms;
    Set<Field> read = new LinkedHashSet<>();
    for (Term term : terms) {
      term.product().factors().forEach(factor -> read.add(factor.field()));
      term.product().covariates().forEach(covariate -> read.add(covariate.field()));
    }
    this.fields = read.toArray(new Field[0]);
  }

  /** The sum over some coefficients. */
  static LinearPredictor of(Parameters parameters, List<Element> cells) {
    Term[] terms = new Term[cells.size()];
    for (int i = 0; i < terms.length; i++) {
      Element cell = cells.get(i);
      cell.ignore("df");
      String name = cell.require("parameterName");
      if (!parameters.names.contains(name)) {
        throw cell.invalid("names the parameter '" + name + "', which is not declared");
      }
      Product product = parameters.products.getOrDefault(name, Product.ONE);
      terms[i] = new Term(cell.finite("beta"), product);
    }
    return new LinearPredictor(terms);
  }

  /** Which rows have a value in all of its fields. */
  boolean[] complete(Frame frame) {
    return frame.complete(fields);
  }

  /**
   * The sum of a row.
   *
   * @param complete whether the row has a value in all of its fields
   * @param result the sum, missing where a value is, or failed where a field is
   */
  void sum(Frame frame, int row, boolean complete, Cell result) {
    double sum = 0d;
    for (Term term : terms) {
      if (complete) {
        sum += term.beta() * product(frame, row, term.product());
        continue;
      }
      product(frame, row, term.product(), result);
      if (result.state != Cell.VALID) {
        return;
      }
      sum += term.beta() * result.number;
    }
    result.number = sum;
    result.state = Cell.VALID;
  }

  private static double product(Frame frame, int row, Product product) {
    double value = 1d;
    for (Factor factor : product.factors()) {
      if (frame.values(factor.field()).codes()[row] != factor.code()) {
        value = 0d;
      }
    }
    if (value == 0d) {
      return value;
    }
    for (Covariate covariate : product.covariates()) {
      value *= power(covariate, frame.values(covariate.field()).numbers[row]);
    }
    return value;
  }

  private static double power(Covariate covariate, double value) {
    return covariate.exponent() == 1d ? value : Math.pow(value, covariate.exponent());
  }

  /** A category that does not apply makes zero, whatever the numbers are. */
  private static void product(Frame frame, int row, Product product, Cell result) {
    double value = 1d;
    for (Factor factor : product.factors()) {
      Values values = frame.values(factor.field());
      if (!values.hasValue(row)) {
        values.get(row, result);
        return;
      }
      if (values.codes()[row] != factor.code()) {
        value = 0d;
      }
    }
    // Only a category's zero ends the product; one of a number goes on, and may become NaN.
    List<Covariate> covariates = value == 0d ? List.of() : product.covariates();
    for (Covariate covariate : covariates) {
      Values values = frame.values(covariate.field());
      if (!values.hasValue(row)) {
        values.get(row, result);
        return;
      }
      value *= power(covariate, values.numbers[row]);
    }
    result.number = value;
    result.state = Cell.VALID;
  }
}
