package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.Categories;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;
import org.pillion.scoring.pmml.field.Values;

/** {@code SupportVectorMachineModel}: a number, the nearest class, or a vote between pairs. */
final class SupportVectorMachineModel extends Model {
  private enum Method {
    /** The sum of one machine. */
    NUMBER,
    /** The class whose machine has the least sum. */
    ONE_AGAINST_ALL,
    /** Votes: for a machine's own class below its threshold. */
    ONE_AGAINST_ONE,
    /** One machine, whose rounded sum is 1 for its own class and 0 for the other one. */
    ROUNDED
  }

  /**
   * A machine.
   *
   * @param own position of its class among the model's, or -1
   * @param alternate position of the other class that it knows, or -1
   */
  private record Machine(
      double[][] vectors,
      double[] coefficients,
      double constant,
      double threshold,
      int own,
      int alternate) {}

  private final Target target;
  private final VectorInput input;
  private final Kernel kernel;
  private final Method method;
  private final List<Machine> machines;
  private final Categories classes;

  private SupportVectorMachineModel(
      ModelContext context,
      VectorInput input,
      Kernel kernel,
      Method method,
      List<Machine> machines,
      Categories classes) {
    super(
        context.label(),
        method == Method.ONE_AGAINST_ONE || method == Method.ROUNDED ? classes : null);
    this.target = context.target();
    this.input = input;
    this.kernel = kernel;
    this.method = method;
    this.machines = machines;
    this.classes = classes;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    if (ModelCompiler.flag(element, "maxWins", false)) {
      throw element.unsupported("maxWins");
    }
    if (!element.attribute("svmRepresentation", "SupportVectors").equals("SupportVectors")) {
      throw element.unsupported("svmRepresentation");
    }
    element.ignore("classificationMethod", "threshold", "alternateBinaryTargetCategory");
    VectorInput input = VectorInput.compile(element.requireChild("VectorDictionary"), context);
    Map<String, double[]> vectors = input.instances();
    List<Element> elements = element.children("SupportVectorMachine");
    Kernel kernel = Kernel.compile(element.requireRemaining("kernel"));
    if (elements.isEmpty()) {
      throw element.invalid("has no SupportVectorMachine");
    }
    Method method = method(context, elements.size());
    Set<Object> keys = new LinkedHashSet<>();
    List<Machine> machines = new ArrayList<>();
    for (Element machine : elements) {
      machines.add(machine(context, machine, vectors, method, keys));
    }
    if (method == Method.ONE_AGAINST_ALL && keys.size() != machines.size()) {
      throw element.unsupportedUse("two of its machines are for the same class");
    }
    Categories classes =
        method == Method.NUMBER ? null : new Categories(context.keyType(), new ArrayList<>(keys));
    return new SupportVectorMachineModel(context, input, kernel, method, machines, classes);
  }

  private static Method method(ModelContext context, int machines) {
    Element element = context.element();
    if (!context.classification()) {
      if (!element.require("functionName").equals("regression")) {
        throw element.unsupported("functionName");
      }
      context.requireNumberTarget();
      if (machines != 1) {
        throw element.invalid("has " + machines + " machines instead of one");
      }
      return Method.NUMBER;
    }
    context.requireKeyType();
    boolean rounded = element.attribute("alternateBinaryTargetCategory") != null;
    return switch (element.attribute("classificationMethod", "OneAgainstAll")) {
      case "OneAgainstAll" -> Method.ONE_AGAINST_ALL;
      case "OneAgainstOne" -> rounded ? Method.ROUNDED : Method.ONE_AGAINST_ONE;
      default -> throw element.unsupported("classificationMethod");
    };
  }

  private static Machine machine(
      ModelContext context,
      Element element,
      Map<String, double[]> vectors,
      Method method,
      Set<Object> keys) {
    element.ignore("targetCategory", "alternateTargetCategory", "threshold");
    Element support = element.requireChild("SupportVectors");
    support.ignore("numberOfSupportVectors", "numberOfAttributes");
    List<double[]> found = new ArrayList<>();
    for (Element vector : support.children("SupportVector")) {
      double[] instance = vectors.get(vector.require("vectorId"));
      if (instance == null) {
        throw vector.invalid("refers to a vector that is not declared");
      }
      found.add(instance);
    }
    Element weights = element.requireChild("Coefficients");
    weights.ignore("numberOfCoefficients");
    List<Element> children = weights.children("Coefficient");
    if (children.size() != found.size()) {
      throw element.invalid("has another number of coefficients than of vectors");
    }
    double[] coefficients = children.stream().mapToDouble(c -> c.finite("value", 0d)).toArray();
    int own = -1;
    int alternate = -1;
    if (method != Method.NUMBER) {
      own = position(element, "targetCategory", context.keyType(), keys);
    }
    if (method == Method.ONE_AGAINST_ONE) {
      alternate = position(element, "alternateTargetCategory", context.keyType(), keys);
    } else if (method == Method.ROUNDED) {
      Element model = context.element();
      alternate = position(model, "alternateBinaryTargetCategory", context.keyType(), keys);
    }
    Element declaring = element.attribute("threshold") == null ? context.element() : element;
    return new Machine(
        found.toArray(new double[0][]),
        coefficients,
        weights.finite("absoluteValue", 0d),
        declaring.finite("threshold", 0d),
        own,
        alternate);
  }

  private static int position(Element element, String attribute, DataType type, Set<Object> keys) {
    Object key = Categories.key(element, attribute, type);
    keys.add(key);
    return new ArrayList<>(keys).indexOf(key);
  }

  @Override
  boolean sameClasses() {
    return false;
  }

  @Override
  List<Object> classes() {
    return classes == null ? null : classes.keys();
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    double[][] byClass = categories() == null ? null : new double[classes.size()][frame.rows()];
    double[] vector = new double[input.size()];
    double[] sums = new double[machines.size()];
    Cell cell = new Cell();
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row) || !input.read(frame, row, vector, cell)) {
        continue;
      }
      for (int i = 0; i < sums.length; i++) {
        sums[i] = sum(machines.get(i), vector);
      }
      switch (method) {
        case NUMBER -> target.predict(frame, row, sums[0], labels, MathContext.DOUBLE);
        case ONE_AGAINST_ALL -> classes.label(labels, row, machines.get(least(sums)).own());
        default -> vote(frame, row, sums, labels, byClass);
      }
    }
    if (byClass != null) {
      frame.putProbabilities(label(), byClass);
    }
  }

  private double sum(Machine machine, double[] vector) {
    double sum = 0d;
    for (int i = 0; i < machine.coefficients().length; i++) {
      sum += machine.coefficients()[i] * kernel.apply(vector, machine.vectors()[i]);
    }
    return sum + machine.constant();
  }

  private static int least(double[] sums) {
    int least = 0;
    for (int i = 1; i < sums.length; i++) {
      if (Double.compare(sums[i], sums[least]) < 0) {
        least = i;
      }
    }
    return least;
  }

  /** Of classes with as many votes, the one that has got its first vote first wins. */
  private void vote(Frame frame, int row, double[] sums, Values labels, double[][] byClass) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      int voted = voted(machines.get(i), sums[i]);
      if (voted < 0) {
        frame.failPrediction(row, "a machine's sum is neither 0 nor 1");
        return;
      }
      if (!order.contains(voted)) {
        order.add(voted);
      }
      byClass[voted][row]++;
    }
    int winner = order.get(0);
    for (int candidate : order) {
      if (byClass[candidate][row] > byClass[winner][row]) {
        winner = candidate;
      }
    }
    for (int candidate : order) {
      byClass[candidate][row] /= sums.length;
    }
    classes.label(labels, row, winner);
  }

  private int voted(Machine machine, double sum) {
    if (method == Method.ONE_AGAINST_ONE) {
      return Double.compare(sum, machine.threshold()) < 0 ? machine.own() : machine.alternate();
    }
    long rounded = Math.round(sum);
    return rounded == 0L ? machine.alternate() : rounded == 1L ? machine.own() : -1;
  }
}
