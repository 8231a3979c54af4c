package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Casting;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;

/** {@code GeneralRegressionModel} of one number, of two classes, or of several by shares. */
final class GeneralRegressionModel extends Model {
  private final Target target;
  private final List<LinearPredictor> predictors;
  private final InverseLink link;

  /**
   * A regression.
   *
   * @param predictors of the number, or of all classes but the last
   * @param link of the number or of the first of two classes; null for shares of several
   */
  private GeneralRegressionModel(
      ModelContext context,
      Categories categories,
      List<LinearPredictor> predictors,
      InverseLink link) {
    super(context.label(), categories);
    this.target = context.target();
    this.predictors = predictors;
    this.link = link;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    String type = element.require("modelType");
    // The distribution belongs to the fitting; scores need the link only.
    element.ignore("distribution");
    boolean shares = type.equals("multinomialLogistic");
    InverseLink link =
        switch (type) {
          case "generalizedLinear" -> InverseLink.compile(element);
          case "regression", "generalLinear" -> InverseLink.IDENTITY;
          case "multinomialLogistic" -> null;
          default -> throw element.unsupported("modelType");
        };
    if (context.classification() ? !shares && !type.equals("generalizedLinear") : shares) {
      throw element.unsupported("modelType");
    }
    if (shares) {
      element.ignore("linkFunction", "linkParameter");
    }
    LinearPredictor.Parameters parameters = new LinearPredictor.Parameters(context);
    List<Element> cells = element.requireChild("ParamMatrix").children("PCell");
    if (cells.isEmpty()) {
      throw element.unsupportedUse("it has no coefficients");
    }
    List<LinearPredictor> predictors = new ArrayList<>();
    Categories categories = null;
    if (context.classification()) {
      categories = categories(context, cells);
      for (Object key : categories.keys().subList(0, categories.size() - 1)) {
        predictors.add(LinearPredictor.of(parameters, cellsOf(element, categories, key, cells)));
      }
      if (!shares && predictors.size() > 1) {
        throw element.unsupportedUse("it does not predict one of two classes");
      }
    } else {
      context.requireNumberTarget();
      for (Element cell : cells) {
        if (cell.attribute("targetCategory") != null) {
          throw cell.unsupported("targetCategory");
        }
      }
      predictors.add(LinearPredictor.of(parameters, cells));
    }
    return new GeneralRegressionModel(context, categories, predictors, link);
  }

  /** The target's classes, with the one at the end that has no coefficients. */
  private static Categories categories(ModelContext context, List<Element> cells) {
    Element element = context.element();
    DataType type = context.requireKeyType();
    List<Object> keys = new ArrayList<>();
    for (String value : context.target().values()) {
      try {
        keys.add(type == DataType.STRING ? value : (Object) Casting.parse(value, type));
      } catch (IllegalArgumentException e) {
        throw element.unsupportedUse("its target's value '" + value + "' is none");
      }
    }
    List<Object> last = new ArrayList<>(keys);
    for (Element cell : cells) {
      if (cell.attribute("targetCategory") != null) {
        Object named = Categories.key(cell, "targetCategory", type);
        if (!keys.contains(named)) {
          throw cell.unsupported("targetCategory");
        }
        last.remove(named);
      }
    }
    if (element.attribute("targetReferenceCategory") != null) {
      Object reference = Categories.key(element, "targetReferenceCategory", type);
      if (!last.contains(reference)) {
        throw element.unsupported("targetReferenceCategory");
      }
      last = List.of(reference);
    }
    if (last.size() != 1 || keys.size() < 2) {
      throw element.unsupportedUse("its coefficients are not those of all classes but one");
    }
    keys.remove(last.get(0));
    keys.add(last.get(0));
    return new Categories(type, keys);
  }

  /** The coefficients of a class; of two classes, they need not name it. */
  private static List<Element> cellsOf(
      Element element, Categories categories, Object key, List<Element> cells) {
    List<Element> named = new ArrayList<>();
    List<Element> unnamed = new ArrayList<>();
    for (Element cell : cells) {
      if (cell.attribute("targetCategory") == null) {
        unnamed.add(cell);
      } else if (Categories.key(cell, "targetCategory", categories.type()).equals(key)) {
        named.add(cell);
      }
    }
    if (named.isEmpty() == unnamed.isEmpty() || named.isEmpty() && categories.size() > 2) {
      throw element.unsupportedUse("its coefficients are not those of all classes but one");
    }
    return named.isEmpty() ? unnamed : named;
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    List<boolean[]> complete = predictors.stream().map(p -> p.complete(frame)).toList();
    double[][] byClass =
        categories() == null ? null : new double[categories().size()][frame.rows()];
    double[] sums = new double[predictors.size()];
    for (int row = 0; row < frame.rows(); row++) {
      if (frame.isActive(row) && sum(frame, row, complete, sums)) {
        predict(frame, row, sums, labels, byClass);
      }
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  private boolean sum(Frame frame, int row, List<boolean[]> complete, double[] sums) {
    Cell cell = frame.scratch;
    for (int i = 0; i < sums.length; i++) {
      predictors.get(i).sum(frame, row, complete.get(i)[row], cell);
      if (cell.state == Cell.FAILED) {
        frame.failPrediction(row, cell.reason);
      }
      if (cell.state != Cell.VALID) {
        return false;
      }
      sums[i] = cell.number;
    }
    return true;
  }

  private void predict(Frame frame, int row, double[] sums, Values labels, double[][] byClass) {
    if (byClass == null) {
      target.predict(frame, row, link.apply(sums[0]), labels, MathContext.DOUBLE);
      return;
    }
    if (link != null) {
      byClass[0][row] = link.apply(sums[0]);
      byClass[1][row] = 1d - byClass[0][row];
    } else {
      share(row, sums, byClass);
    }
    categories().labelWinner(labels, row, byClass);
  }

  /** Divides the exponentials, of which the last is that of zero, by their sum. */
  private static void share(int row, double[] sums, double[][] byClass) {
    double all = 0d;
    for (int i = 0; i < byClass.length; i++) {
      byClass[i][row] = i < sums.length ? Math.exp(sums[i]) : 1d;
      all = i == 0 ? byClass[0][row] : all + byClass[i][row];
    }
    for (double[] values : byClass) {
      values[row] /= all;
    }
  }
}
