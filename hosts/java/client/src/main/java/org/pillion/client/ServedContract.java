package org.pillion.client;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OperationalType;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.server.protocol.ModelMetadataResponse;
import org.pillion.server.protocol.ModelMetadataResponse.TensorMetadata;

/**
 * What the sidecar said that a model takes.
 *
 * @param fields the model's inputs and outputs
 * @param ofItems the inputs that named items give
 */
record ServedContract(FeatureContract fields, Set<String> ofItems) {
  static ServedContract of(ModelMetadataResponse metadata) {
    List<InputField> inputs = new ArrayList<>();
    Set<String> ofItems = new HashSet<>();
    for (TensorMetadata input : metadata.getInputsList()) {
      FieldType type = Tensors.type(input.getDatatype(), input.getName());
      inputs.add(InputField.of(input.getName(), type, OperationalType.CONTINUOUS));
      if (input.containsParameters("source")
          && input.getParametersOrThrow("source").getStringParam().equals("item")) {
        ofItems.add(input.getName());
      }
    }
    List<OutputField> outputs = new ArrayList<>();
    for (TensorMetadata output : metadata.getOutputsList()) {
      FieldType type = Tensors.type(output.getDatatype(), output.getName());
      outputs.add(new OutputField(output.getName(), type, OutputKind.OTHER, null));
    }
    return new ServedContract(new FeatureContract(inputs, outputs), Set.copyOf(ofItems));
  }
}
