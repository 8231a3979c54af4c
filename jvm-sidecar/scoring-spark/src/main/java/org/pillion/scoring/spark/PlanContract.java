package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pillion.pmml.Element;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * What a document with a plan takes and returns: its model's fields, and the outputs that the plan
 * declares itself. Where the document has no model, the plan has the inputs as well.
 */
final class PlanContract {
  /** The longest vectors that may be inputs, for each element is a field. */
  private static final int LONGEST_INPUT = 1 << 16;

  private final List<InputField> inputs;
  private final List<OutputField> modelOutputs;

  private PlanContract(List<InputField> inputs, List<OutputField> modelOutputs) {
    this.inputs = inputs;
    this.modelOutputs = modelOutputs;
  }

  /** The contract as far as it is known before the plan is compiled. */
  static PlanContract of(Optional<FeatureContract> model, Element plan) {
    return new PlanContract(
        model
            .map(FeatureContract::inputs)
            .orElseGet(() -> plan.children("input").stream().flatMap(PlanContract::input).toList()),
        model.map(FeatureContract::outputs).orElse(List.of()));
  }

  List<InputField> inputs() {
    return inputs;
  }

  /**
   * The whole contract.
   *
   * @param outputs the plan's elements of outputs
   * @param plan knows the values of inputs that stages index
   */
  FeatureContract complete(List<Element> outputs, PlanBuilder plan) {
    List<OutputField> all = new ArrayList<>(modelOutputs);
    outputs.stream().filter(e -> e.has("type")).map(PlanContract::output).forEach(all::add);
    return new FeatureContract(
        modelOutputs.isEmpty() ? inputs.stream().map(in -> known(in, plan)).toList() : inputs, all);
  }

  /** The length of the vectors of an input. */
  static int size(Element input) {
    int size = input.count("size");
    if (size == 0 || size > LONGEST_INPUT) {
      throw new UnsupportedElement(
          "input",
          "the plan's input '%s' has vectors of length %d, not of 1 to %d"
              .formatted(input.require("name"), size, LONGEST_INPUT));
    }
    return size;
  }

  private static Stream<InputField> input(Element element) {
    SparkType type = SparkType.of(element.require("type"));
    String name = element.require("name");
    if (type == SparkType.VECTOR) {
      return IntStream.range(0, size(element))
          .mapToObj(i -> field(VectorInput.field(name, i), FieldType.DOUBLE, List.of(), null));
    }
    String format = TextForm.has(type) ? TextForm.of(element).format() : null;
    return Stream.of(field(name, fieldType(type), List.of(), format));
  }

  private static InputField known(InputField input, PlanBuilder plan) {
    return input.type() == FieldType.STRING
        ? field(
            input.name(), input.type(), List.copyOf(plan.vocabulary(input.name())), input.format())
        : input;
  }

  /** The plan's stages decide about missing and unknown values, so any value is taken. */
  private static InputField field(String name, FieldType type, List<Object> values, String format) {
    boolean number = type != FieldType.STRING && type != FieldType.BOOLEAN;
    return new InputField(
        name,
        type,
        number ? OperationalType.CONTINUOUS : OperationalType.CATEGORICAL,
        values,
        List.of(),
        null,
        null,
        InvalidTreatment.AS_VALUE,
        null,
        format);
  }

  private static FieldType fieldType(SparkType type) {
    return switch (type) {
      case DOUBLE -> FieldType.DOUBLE;
      case FLOAT -> FieldType.FLOAT;
      case LONG, INTEGER, SHORT, BYTE -> FieldType.INTEGER;
      case BOOLEAN -> FieldType.BOOLEAN;
      case STRING, DATE, TIMESTAMP, TIMESTAMP_NTZ, DECIMAL, STRINGS -> FieldType.STRING;
      default -> throw new InvalidModel("the plan has an input of type " + type.text());
    };
  }

  private static OutputField output(Element element) {
    return new OutputField(
        element.require("field"),
        constant(FieldType.class, element, "type"),
        constant(OutputKind.class, element, "kind"),
        element.attribute("class"));
  }

  private static <E extends Enum<E>> E constant(Class<E> kind, Element element, String key) {
    String value = element.require(key);
    for (E each : kind.getEnumConstants()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
        return each;
      }
    }
    throw element.invalid("has the attribute " + key + "='" + Element.shorten(value) + "'");
  }
}
