package org.pillion.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pillion.ranker.ModelContract;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidTreatment;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelMetadataResponse;
import org.pillion.server.protocol.ModelMetadataResponse.TensorMetadata;

/** Reads what the sidecar says that a model takes and returns. */
final class ServedContract {
  private ServedContract() {}

  static ModelContract of(ModelMetadataResponse metadata) {
    List<InputField> inputs = new ArrayList<>();
    Map<String, String> sources = new HashMap<>();
    for (TensorMetadata input : metadata.getInputsList()) {
      inputs.add(input(input));
      text(input.getParametersMap(), "source")
          .ifPresent(source -> sources.put(input.getName(), source));
    }
    List<OutputField> outputs = new ArrayList<>();
    for (TensorMetadata output : metadata.getOutputsList()) {
      FieldType type = Tensors.type(output.getDatatype(), output.getName());
      outputs.add(new OutputField(output.getName(), type, OutputKind.OTHER, null));
    }
    boolean ranksClasses =
        text(metadata.getParametersMap(), "ranking").filter("classes"::equals).isPresent();
    long version =
        metadata
            .getParametersOrDefault("version", InferParameter.getDefaultInstance())
            .getInt64Param();
    return new ModelContract(version, new FeatureContract(inputs, outputs), sources, ranksClasses);
  }

  private static InputField input(TensorMetadata input) {
    Map<String, InferParameter> parameters = input.getParametersMap();
    return new InputField(
        input.getName(),
        Tensors.type(input.getDatatype(), input.getName()),
        OperationalType.CONTINUOUS,
        List.of(),
        List.of(),
        text(parameters, "missing").map(ServedContract::missing).orElse(null),
        value(parameters.get("missing_replacement")),
        InvalidTreatment.RETURN_INVALID,
        null,
        text(parameters, "format").orElse(null));
  }

  private static MissingTreatment missing(String text) {
    for (MissingTreatment treatment : MissingTreatment.values()) {
      if (treatment.text().equals(text)) {
        return treatment;
      }
    }
    return null;
  }

  private static Object value(InferParameter parameter) {
    if (parameter == null) {
      return null;
    }
    return switch (parameter.getParameterChoiceCase()) {
      case BOOL_PARAM -> parameter.getBoolParam();
      case INT64_PARAM -> parameter.getInt64Param();
      case DOUBLE_PARAM -> parameter.getDoubleParam();
      default -> parameter.getStringParam();
    };
  }

  private static Optional<String> text(Map<String, InferParameter> parameters, String name) {
    return Optional.ofNullable(parameters.get(name)).map(InferParameter::getStringParam);
  }
}
