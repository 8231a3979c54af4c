package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;

/** {@code GeneralRegressionModel} of one number, or of two classes. */
final class GeneralRegressionModel extends Model {
  /** What a parameter's coefficient is multiplied with. */
  private record Product(List<Factor> factors, List<Covariate> covariates) {
    private static final Product ONE = new Product(List.of(), List.of());
  }

  private record Factor(Field field, int code) {}

  private record Covariate(Field field, double exponent) {}

  private record Term(double beta, Product product) {}

  private final Target target;
  private final Term[] terms;
  private final Field[] fields;
  private final InverseLink link;

  private GeneralRegressionModel(
      ModelContext context, Categories categories, Term[] terms, InverseLink link) {
    super(context.label(), categories);
    this.target = context.target();
    this.terms = terms;
    this.link = link;
    Set<Field> read = new LinkedHashSet<>();
    for (Term term : terms) {
      term.product().factors().forEach(factor -> read.add(factor.field()));
      term.product().covariates().forEach(covariate -> read.add(covariate.field()));
    }
    this.fields = read.toArray(new Field[0]);
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    String type = element.require("modelType");
    // The distribution belongs to the fitting; scores need the link only.
    element.ignore("distribution");
    InverseLink link =
        switch (type) {
          case "generalizedLinear" -> InverseLink.compile(element);
          case "regression", "generalLinear" -> InverseLink.IDENTITY;
          default -> throw element.unsupported("modelType");
        };
    if (context.classification() && !type.equals("generalizedLinear")) {
      throw element.unsupported("modelType");
    }
    Set<String> parameters = new HashSet<>();
    for (Element parameter : element.requireChild("ParameterList").children("Parameter")) {
      parameter.ignore("label", "referencePoint");
      if (!parameters.add(parameter.require("name"))) {
        throw parameter.invalid("declares a parameter twice");
      }
    }
    Map<String, Product> products = products(context);
    List<Element> cells = element.requireChild("ParamMatrix").children("PCell");
    Term[] terms = new Term[cells.size()];
    for (int i = 0; i < terms.length; i++) {
      Element cell = cells.get(i);
      cell.ignore("df");
      String name = cell.require("parameterName");
      if (!parameters.contains(name)) {
        throw cell.invalid("names the parameter '" + name + "', which is not declared");
      }
      terms[i] = new Term(cell.finite("beta"), products.getOrDefault(name, Product.ONE));
    }
    if (terms.length == 0) {
      throw element.unsupportedUse("it has no coefficients");
    }
    return new GeneralRegressionModel(context, categories(context, cells), terms, link);
  }

  private static Categories categories(ModelContext context, List<Element> cells) {
    Element element = context.element();
    if (!context.classification()) {
      context.requireNumberTarget();
      for (Element cell : cells) {
        if (cell.attribute("targetCategory") != null) {
          throw cell.unsupported("targetCategory");
        }
      }
      return null;
    }
    DataType type = context.requireKeyType();
    if (context.target().values().size() != 2) {
      throw element.unsupportedUse("it does not predict one of two classes");
    }
    List<Object> keys = new ArrayList<>();
    for (String value : context.target().values()) {
      try {
        keys.add(type == DataType.STRING ? value : (Object) Casting.parse(value, type));
      } catch (IllegalArgumentException e) {
        throw element.unsupportedUse("its target's value '" + value + "' is none");
      }
    }
    Set<Object> named = new HashSet<>();
    for (Element cell : cells) {
      named.add(Categories.key(cell, "targetCategory", type));
    }
    if (named.size() != 1 || !keys.containsAll(named)) {
      throw element.unsupportedUse("its coefficients are not those of one of two classes");
    }
    Object last =
        element.attribute("targetReferenceCategory") == null
            ? null
            : Categories.key(element, "targetReferenceCategory", type);
    if (last != null && named.contains(last)) {
      throw element.unsupported("targetReferenceCategory");
    }
    if (named.contains(keys.get(1))) {
      keys.add(keys.remove(0));
    }
    return new Categories(type, keys);
  }

  private static Map<String, Product> products(ModelContext context) {
    Element element = context.element();
    Set<String> factors = predictors(element.child("FactorList"));
    Set<String> covariates = predictors(element.child("CovariateList"));
    Map<String, Product> products = new HashMap<>();
    for (Element cell : element.requireChild("PPMatrix").children("PPCell")) {
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
    return products;
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

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    boolean[] complete = frame.complete(fields);
    double[][] byClass = categories() == null ? null : new double[2][frame.rows()];
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row)) {
        continue;
      }
      sum(frame, row, complete[row], cell);
      if (cell.state == Cell.FAILED) {
        frame.failPrediction(row, cell.reason);
      } else if (cell.state == Cell.VALID) {
        predict(frame, row, link.apply(cell.number), labels, byClass);
      }
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  private void predict(Frame frame, int row, double value, Values labels, double[][] byClass) {
    if (byClass == null) {
      target.predict(frame, row, value, labels, MathContext.DOUBLE);
    } else {
      byClass[0][row] = value;
      byClass[1][row] = 1d - value;
      categories().labelWinner(labels, row, byClass);
    }
  }

  private void sum(Frame frame, int row, boolean complete, Cell result) {
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
    for (Covariate covariate : product.covariates()) {
      if (value == 0d) {
        break;
      }
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
