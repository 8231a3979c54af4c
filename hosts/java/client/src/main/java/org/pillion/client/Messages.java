package org.pillion.client;

import com.google.protobuf.ByteString;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.ModelContract;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.RankerUnavailable;
import org.pillion.ranker.ScoreAnswer;
import org.pillion.ranker.ScoreRequest;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferRequest;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.protocol.ModelInferResponse;
import org.pillion.server.protocol.RankResponse;

/** Requests as the sidecar's messages, and its answers as the ranker's. */
final class Messages {
  private static final InferParameter IGNORE = parameter("ignore");
  private static final InferParameter NULL = parameter("null");

  /** The list that stands in where a user has no vector. */
  private static final String ALL_ITEMS = "*";

  private Messages() {}

  /**
   * A request to rank, with what the contract asks for.
   *
   * @param version which is asked; 0 for the one that serves
   * @throws InvalidRequest when a value is not of its input's type; names field and row
   */
  static org.pillion.server.protocol.RankRequest rank(
      RankRequest request, ModelContract served, long version) {
    FeatureContract contract = served.fields();
    request.requireKnown(contract);
    org.pillion.server.protocol.RankRequest.Builder message =
        org.pillion.server.protocol.RankRequest.newBuilder()
            .setModelName(request.model())
            .setModelVersion(version(version))
            .setK(request.k())
            .setFeatureVersion(request.featureVersion())
            .putParameters("unknown_inputs", IGNORE);
    // Raw contents come in the order of context, candidates, then defaults.
    List<ByteString> described = new ArrayList<>();
    List<ByteString> defaults = new ArrayList<>();
    for (InputField input : contract.inputs()) {
      List<?> values = request.candidates() == null ? null : request.candidates().get(input.name());
      if (values != null) {
        Column column = column(input, values);
        message.addCandidates(Tensors.head(input.name(), column));
        described.add(Tensors.bytes(column));
      } else if (request.ids() == null && request.firstPhase() == null
          || served.ranksClasses()
          || !"item".equals(served.sources().get(input.name()))) {
        Column column =
            column(input, Collections.singletonList(request.context().get(input.name())));
        message.addContext(Tensors.head(input.name(), column));
        message.addRawInputContents(Tensors.bytes(column));
      }
      Object substitute = request.itemDefaults().get(input.name());
      if (substitute != null && !served.ranksClasses()) {
        Column column = column(input, Collections.singletonList(substitute));
        message.addItemDefaults(Tensors.head(input.name(), column));
        defaults.add(Tensors.bytes(column));
      }
    }
    message.addAllRawInputContents(described).addAllRawInputContents(defaults);
    if (request.ids() != null && served.ranksClasses()) {
      name(request.ids(), message::addItemIds, message::addItemNames);
    } else if (request.ids() != null) {
      name(request.ids(), message::addTableItemIds, message::addTableItemNames);
    }
    RankRequest.FirstPhase phase = request.firstPhase();
    if (phase != null) {
      message
          .setTableList(ALL_ITEMS)
          .setTableListSize(phase.size())
          .setUserVector(phase.user())
          .setItemVector(phase.item());
    }
    if (request.names() != null) {
      name(request.names(), message::addItemIds, message::addItemNames);
    }
    name(request.excluded(), message::addExcludedItemIds, message::addExcludedItemNames);
    return message.build();
  }

  private static void name(List<?> ids, Consumer<Long> numbers, Consumer<String> texts) {
    for (Object id : ids) {
      if (id instanceof String text) {
        texts.accept(text);
      } else {
        numbers.accept((Long) id);
      }
    }
  }

  /** The answer to a request to rank. */
  static RankAnswer answer(RankResponse response) {
    List<Object> items = new ArrayList<>();
    if (response.getItemNamesCount() > 0) {
      items.addAll(response.getItemNamesList());
    } else {
      items.addAll(response.getItemIdsList());
    }
    if (items.isEmpty()) {
      response.getRowsList().forEach(row -> items.add((long) row));
    }
    if (items.size() != response.getScoresCount()) {
      throw new RankerUnavailable(
          RankerUnavailable.Kind.FAILED,
          "the sidecar's answer has %d items and %d scores"
              .formatted(items.size(), response.getScoresCount()),
          null);
    }
    return new RankAnswer(
        response.getModelName(),
        number(response.getModelVersion()),
        text(response.getParametersMap(), "engine"),
        items,
        response.getScoresList(),
        response.getCandidates(),
        response.getUnscored(),
        response.getFeatureVersion(),
        response.getSeenShare() == 0 ? null : response.getSeenShare(),
        errors(response.getParametersMap()));
  }

  /**
   * A request to score, with what the contract asks for.
   *
   * @param version which is asked; 0 for the one that serves
   * @throws InvalidRequest when a value is not of its input's type; names field and row
   */
  static ModelInferRequest score(ScoreRequest request, FeatureContract contract, long version) {
    ModelInferRequest.Builder message =
        ModelInferRequest.newBuilder()
            .setModelName(request.model())
            .setModelVersion(version(version))
            .putParameters("unknown_inputs", IGNORE)
            .putParameters("on_row_error", NULL);
    int rows = request.rows();
    BiConsumer<InferInputTensor, ByteString> add =
        (head, bytes) -> {
          message.addInputs(head);
          message.addRawInputContents(bytes);
        };
    for (InputField input : contract.inputs()) {
      List<?> given = request.columns().get(input.name());
      Column column = column(input, given == null ? Collections.nCopies(rows, null) : given);
      add.accept(Tensors.head(input.name(), column), Tensors.bytes(column));
    }
    return message.build();
  }

  /** The answer to a request to score. */
  static ScoreAnswer answer(ModelInferResponse response) {
    List<OutputField> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < response.getOutputsCount(); i++) {
      ModelInferResponse.InferOutputTensor output = response.getOutputs(i);
      Column column = Tensors.read(output, response.getRawOutputContents(i));
      fields.add(new OutputField(output.getName(), column.type(), OutputKind.OTHER, null));
      columns.add(column);
    }
    int rows = columns.isEmpty() ? 0 : columns.get(0).rows();
    return new ScoreAnswer(
        response.getModelName(),
        number(response.getModelVersion()),
        new ScoreResult(rows, fields, columns, errors(response.getParametersMap())));
  }

  private static Column column(InputField input, List<?> values) {
    ColumnBuilder column = new ColumnBuilder(input.name(), input.type(), values.size());
    try {
      for (Object value : values) {
        column.addBoxed(value);
      }
    } catch (InvalidInput e) {
      throw new InvalidRequest(e.field(), e.getMessage(), e);
    }
    return column.build();
  }

  private static List<RowError> errors(Map<String, InferParameter> parameters) {
    String json = text(parameters, "row_errors");
    List<RowError> errors = new ArrayList<>();
    if (!json.isEmpty()) {
      for (Object each : new JsonArray(json)) {
        JsonObject error = (JsonObject) each;
        errors.add(
            new RowError(
                error.getInteger("row"),
                error.getString("field"),
                error.getString("value"),
                error.getString("message")));
      }
    }
    return errors;
  }

  private static String text(Map<String, InferParameter> parameters, String name) {
    InferParameter parameter = parameters.get(name);
    return parameter == null ? "" : parameter.getStringParam();
  }

  private static InferParameter parameter(String text) {
    return InferParameter.newBuilder().setStringParam(text).build();
  }

  /** A version as messages name it; empty for the one that serves. */
  static String version(long version) {
    return version == 0 ? "" : Long.toString(version);
  }

  private static long number(String version) {
    try {
      return Long.parseLong(version);
    } catch (NumberFormatException e) {
      throw new RankerUnavailable(
          RankerUnavailable.Kind.FAILED,
          "the sidecar's answer is by version '" + version + "', which is no number",
          e);
    }
  }
}
