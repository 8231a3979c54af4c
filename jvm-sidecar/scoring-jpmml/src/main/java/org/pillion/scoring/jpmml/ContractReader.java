package org.pillion.scoring.jpmml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dmg.pmml.DataField;
import org.dmg.pmml.DataType;
import org.dmg.pmml.InvalidValueTreatmentMethod;
import org.dmg.pmml.MiningField;
import org.dmg.pmml.MissingValueTreatmentMethod;
import org.dmg.pmml.ResultFeature;
import org.jpmml.evaluator.Evaluator;
import org.jpmml.evaluator.TargetField;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Interval;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;

/** The feature contract of a document, as the interpreter sees it. */
final class ContractReader {
  private final Evaluator evaluator;

  private ContractReader(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  static FeatureContract read(Evaluator evaluator) {
    ContractReader reader = new ContractReader(evaluator);
    return new FeatureContract(
        evaluator.getInputFields().stream().map(ContractReader::input).toList(), reader.outputs());
  }

  private static InputField input(org.jpmml.evaluator.InputField field) {
    FieldType type = PmmlTypes.fieldType(field.getDataType());
    MiningField mining = field.getMiningField();
    try {
      return new InputField(
          field.getName(),
          type,
          PmmlTypes.operationalType(field.getOpType()),
          values(field, type),
          intervals(field),
          missing(mining.getMissingValueTreatment(), mining.getMissingValueReplacement()),
          PmmlTypes.boxed(type, mining.getMissingValueReplacement()),
          invalid(mining.getInvalidValueTreatment()),
          PmmlTypes.boxed(type, mining.getInvalidValueReplacement()));
    } catch (IllegalArgumentException e) {
      throw new InvalidModel(
          "the field '%s' of type %s is declared with a value of another type: %s"
              .formatted(field.getName(), type.text(), e.getMessage()),
          e);
    }
  }

  private static List<Object> values(org.jpmml.evaluator.InputField field, FieldType type) {
    List<?> domain = field.getDiscreteDomain();
    List<Object> values = new ArrayList<>();
    if (domain != null) {
      domain.forEach(value -> values.add(PmmlTypes.boxed(type, value)));
    }
    return values;
  }

  private static List<Interval> intervals(org.jpmml.evaluator.InputField field) {
    if (!(field.getField() instanceof DataField data) || !data.hasIntervals()) {
      return List.of();
    }
    return data.getIntervals().stream().map(ContractReader::interval).toList();
  }

  private static Interval interval(org.dmg.pmml.Interval interval) {
    Number left = interval.getLeftMargin();
    Number right = interval.getRightMargin();
    boolean leftClosed =
        switch (interval.requireClosure()) {
          case CLOSED_CLOSED, CLOSED_OPEN -> true;
          case OPEN_OPEN, OPEN_CLOSED -> false;
        };
    boolean rightClosed =
        switch (interval.requireClosure()) {
          case CLOSED_CLOSED, OPEN_CLOSED -> true;
          case OPEN_OPEN, CLOSED_OPEN -> false;
        };
    return new Interval(
        left == null ? Double.NEGATIVE_INFINITY : left.doubleValue(),
        leftClosed,
        right == null ? Double.POSITIVE_INFINITY : right.doubleValue(),
        rightClosed);
  }

  /** A replacement without a treatment is PMML's short form of {@code asValue}. */
  private static MissingTreatment missing(MissingValueTreatmentMethod method, Object replacement) {
    if (method == null) {
      return replacement == null ? null : MissingTreatment.AS_VALUE;
    }
    for (MissingTreatment treatment : MissingTreatment.values()) {
      if (treatment.text().equals(method.value())) {
        return treatment;
      }
    }
    throw new InvalidModel("unknown treatment of missing values: " + method.value());
  }

  private static InvalidTreatment invalid(InvalidValueTreatmentMethod method) {
    for (InvalidTreatment treatment : InvalidTreatment.values()) {
      if (treatment.text().equals(method.value())) {
        return treatment;
      }
    }
    throw new InvalidModel("unknown treatment of invalid values: " + method.value());
  }

  /** Target fields, then output fields; results are by name, so a name counts once. */
  private List<OutputField> outputs() {
    Map<String, OutputField> outputs = new LinkedHashMap<>();
    for (TargetField field : evaluator.getTargetFields()) {
      // A clustering model predicts, but for no field of the document.
      if (field.isSynthetic()) {
        continue;
      }
      FieldType type = PmmlTypes.fieldType(targetType(field));
      outputs.putIfAbsent(
          field.getName(), new OutputField(field.getName(), type, OutputKind.TARGET, null));
    }
    for (org.jpmml.evaluator.OutputField field : evaluator.getOutputFields()) {
      outputs.putIfAbsent(field.getName(), output(field));
    }
    if (outputs.isEmpty()) {
      FieldType type = PmmlTypes.predictionType(evaluator.getMiningFunction());
      return List.of(new OutputField(OutputField.UNNAMED_TARGET, type, OutputKind.TARGET, null));
    }
    return List.copyOf(outputs.values());
  }

  private OutputField output(org.jpmml.evaluator.OutputField field) {
    org.dmg.pmml.OutputField declared = field.getField();
    OutputKind kind =
        switch (declared.getResultFeature()) {
          case PREDICTED_VALUE, PREDICTED_DISPLAY_VALUE -> OutputKind.PREDICTION;
          case PROBABILITY -> OutputKind.PROBABILITY;
          default -> OutputKind.OTHER;
        };
    Object value = declared.getValue();
    String classValue = kind == OutputKind.PROBABILITY && value != null ? value.toString() : null;
    DataType type = declared.getDataType() == null ? inferred(declared) : declared.getDataType();
    return new OutputField(field.getName(), PmmlTypes.fieldType(type), kind, classValue);
  }

  private DataType inferred(org.dmg.pmml.OutputField field) {
    ResultFeature feature = field.getResultFeature();
    return switch (feature) {
      case PREDICTED_VALUE -> predictedType(field.getTargetField());
      case PROBABILITY, CONFIDENCE, AFFINITY, ENTITY_AFFINITY, RESIDUAL, STANDARD_ERROR ->
          DataType.DOUBLE;
      default -> DataType.STRING;
    };
  }

  private DataType predictedType(String name) {
    return evaluator.getTargetFields().stream()
        .filter(target -> name == null || name.equals(target.getName()))
        .findFirst()
        .map(ContractReader::targetType)
        .orElse(DataType.STRING);
  }

  /** A target that the document leaves out of its data dictionary has no type of its own. */
  private static DataType targetType(TargetField field) {
    DataType type = field.getDataType();
    if (type != null) {
      return type;
    }
    return switch (field.getOpType()) {
      case CONTINUOUS -> DataType.DOUBLE;
      case CATEGORICAL, ORDINAL -> DataType.STRING;
    };
  }
}
