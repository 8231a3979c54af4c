package org.pillion.server.v2;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.Ranking;
import org.pillion.registry.VersionId;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.MissingTreatment;
import org.pillion.scoring.OutputField;
import org.pillion.server.errors.RequestException;
import org.pillion.server.inference.Extensions;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.inference.TableItems;
import org.pillion.server.metrics.VersionStatistics;
import org.pillion.server.metrics.VersionStatistics.Part;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.InferStatistics;
import org.pillion.server.protocol.ModelMetadataResponse;
import org.pillion.server.protocol.ModelMetadataResponse.TensorMetadata;
import org.pillion.server.protocol.ModelStatistics;
import org.pillion.server.protocol.ModelStatisticsResponse;
import org.pillion.server.protocol.ServerMetadataResponse;
import org.pillion.server.protocol.StatisticDuration;
import org.pillion.server.tensor.Datatype;

/** What V2 says of the server and of its models, over gRPC as it is and over HTTP as JSON. */
public final class StateMessages {
  /** The length of a column of any length. */
  private static final long ANY_ROWS = -1;

  private final ServerContext server;

  public StateMessages(ServerContext server) {
    this.server = server;
  }

  /** The server and its extensions. */
  public ServerMetadataResponse server() {
    return ServerMetadataResponse.newBuilder()
        .setName("pillion")
        .setVersion(server.version())
        .addAllExtensions(Extensions.NAMES)
        .build();
  }

  /**
   * A model's inputs and outputs.
   *
   * @param version null for the version that serves
   * @throws RequestException when there is no such model or version
   */
  public ModelMetadataResponse model(String name, String version) {
    ModelVersion model = server.models().find(name, version);
    ModelMetadataResponse.Builder metadata =
        ModelMetadataResponse.newBuilder()
            .setName(model.id().model())
            .setPlatform("pmml_" + model.scorer().engine())
            .putParameters("engine", parameter(model.scorer().engine()))
            .putParameters("arithmetic", parameter(model.scorer().arithmetic().text()))
            .putParameters("version", parameter(model.id().version()));
    model.ranking().ifPresent(rule -> metadata.putParameters("ranking", parameter(kind(rule))));
    for (long ready : server.models().catalog().readyVersions(model.id().model())) {
      metadata.addVersions(Long.toString(ready));
    }
    Optional<TableItems> items = server.items().active(model);
    items.ifPresent(table -> metadata.putAllParameters(parameters(table)));
    server
        .items()
        .problem(model)
        .ifPresent(problem -> metadata.putParameters("items_problem", parameter(problem)));
    for (InputField input : model.scorer().contract().inputs()) {
      metadata.addInputs(
          tensor(input.name(), input.type()).putAllParameters(parameters(input, model, items)));
    }
    for (OutputField output : model.scorer().contract().outputs()) {
      metadata.addOutputs(tensor(output.name(), output.type()));
    }
    return metadata.build();
  }

  /** Whether candidates are rows, or the model's classes are its items. */
  private static String kind(Ranking rule) {
    return rule instanceof Ranking.ByScore ? "score" : "classes";
  }

  /** How many items a request may name, of which feature version, and what one takes. */
  private static Map<String, InferParameter> parameters(TableItems items) {
    Map<String, InferParameter> parameters = new LinkedHashMap<>();
    long rows = items.table().rows();
    parameters.put("items", parameter(rows));
    parameters.put("bytes_per_item", parameter(items.bytesPerItem()));
    if (items.version() != null) {
      parameters.put("feature_version", parameter(items.featureVersion()));
    }
    return parameters;
  }

  private static TensorMetadata.Builder tensor(String name, FieldType type) {
    return TensorMetadata.newBuilder()
        .setName(name)
        .setDatatype(Datatype.of(type).name())
        .addShape(ANY_ROWS);
  }

  /**
   * Where an input comes from, what its texts spell, what a missing value becomes, and whether it
   * must be given.
   */
  private static Map<String, InferParameter> parameters(
      InputField input, ModelVersion model, Optional<TableItems> items) {
    Map<String, InferParameter> parameters = new LinkedHashMap<>();
    boolean ofTheTable = items.filter(table -> table.has(input.name())).isPresent();
    String source = ofTheTable ? "item" : model.sources().get(input.name());
    if (source != null) {
      parameters.put("source", parameter(source));
    }
    if (input.format() != null) {
      parameters.put("format", parameter(input.format()));
    }
    MissingTreatment missing = input.missing() == null ? MissingTreatment.AS_IS : input.missing();
    parameters.put("missing", parameter(missing.text()));
    if (input.missingReplacement() != null) {
      parameters.put("missing_replacement", parameter(input.missingReplacement()));
    }
    parameters.put("required", parameter(!ofTheTable));
    return parameters;
  }

  private static InferParameter parameter(Object value) {
    InferParameter.Builder parameter = InferParameter.newBuilder();
    if (value instanceof Boolean flag) {
      parameter.setBoolParam(flag);
    } else if (value instanceof Long number) {
      parameter.setInt64Param(number);
    } else if (value instanceof Number number) {
      parameter.setDoubleParam(number.doubleValue());
    } else {
      parameter.setStringParam(value.toString());
    }
    return parameter.build();
  }

  /**
   * Counts and times of versions.
   *
   * @param model null for all models
   * @param version null for all versions
   * @throws RequestException when there is no such model or version
   */
  public ModelStatisticsResponse statistics(String model, String version) {
    ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
    for (VersionId id : server.models().versions(model, version)) {
      response.addModelStats(statistics(id, server.metrics().statistics(id)));
    }
    return response.build();
  }

  private static ModelStatistics statistics(VersionId id, VersionStatistics of) {
    return ModelStatistics.newBuilder()
        .setName(id.model())
        .setVersion(String.valueOf(id.version()))
        .setLastInference(of.lastMillis())
        .setInferenceCount(of.rows())
        .setExecutionCount(of.succeeded().count())
        .setInferenceStats(
            InferStatistics.newBuilder()
                .setSuccess(duration(of.succeeded()))
                .setFail(duration(of.of(Part.FAILED)))
                .setQueue(duration(of.of(Part.QUEUE)))
                .setComputeInput(duration(of.of(Part.INPUT)))
                .setComputeInfer(duration(of.of(Part.INFER)))
                .setComputeOutput(duration(of.of(Part.OUTPUT))))
        .build();
  }

  private static StatisticDuration duration(VersionStatistics.Duration duration) {
    return StatisticDuration.newBuilder()
        .setCount(duration.count())
        .setNs(duration.nanos())
        .build();
  }
}
