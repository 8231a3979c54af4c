package org.pillion.server.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ItemTable;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.inference.RankRequest;
import org.pillion.server.inference.Ranked;
import org.pillion.server.inference.ResponseHeader;
import org.pillion.server.protocol.RankResponse;
import org.pillion.server.protocol.reading.Input;
import org.pillion.server.protocol.reading.RankingRequest;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.v2.ExplanationMessages;

/** Reads the message {@code RankRequest} and writes {@code RankResponse}. */
final class RankMessage {
  private final RankingRequest message;

  private RankMessage(RankingRequest message) {
    this.message = message;
  }

  /**
   * Reads a request.
   *
   * @param memory is asked for what is made of it
   * @throws InvalidInput when it is none
   */
  static RankMessage read(byte[] bytes, MemoryBudget memory) {
    return new RankMessage(
        Protobuf.read(RankingRequest.parser(), bytes, RankingRequest.getDescriptor(), memory));
  }

  String model() {
    return message.getModelName();
  }

  /** The version, or null for the one that serves. */
  String version() {
    return StateCalls.orNull(message.getModelVersion());
  }

  /**
   * The request.
   *
   * @param table the model's items; empty where it has none
   * @throws InvalidInput naming what does not fit the model
   */
  RankRequest request(InputRules rules, Optional<ItemTable> table) {
    if (message.getK() < 1) {
      throw new InvalidInput("'k' is not a whole number from 1 to 2147483647");
    }
    InferRequestBuilder request = new InferRequestBuilder(rules);
    request.id(StateCalls.orNull(message.getId()));
    InputReader.readParameters(message.getParametersMap(), request);
    List<Input> inputs = new ArrayList<>(message.getContextList());
    inputs.addAll(message.getCandidatesList());
    new InputReader(rules, request, message.getRawInputContentsList())
        .readAll(inputs, message.getContextCount());
    Column items =
        either("item_", message.getItemIdsCount(), message::getItemIds, message.getItemNamesList());
    Column named =
        either(
            "table_item_",
            message.getTableItemIdsCount(),
            message::getTableItemIds,
            message.getTableItemNamesList());
    if (named != null) {
      rules.requireRoom("table_item_ids", named.rows());
      if (items != null) {
        throw new InvalidInput("the request has both names of candidates and items of the table");
      }
      request.candidates(table, named);
      items = named;
    }
    return new RankRequest(request.build(), message.getK(), items, message.getExplain());
  }

  /**
   * Items by their numbers or by their names; null where there are none.
   *
   * @param field how the names of both fields begin
   */
  private static Column either(String field, int count, IntToLongFunction id, List<String> names) {
    if (count > 0 && !names.isEmpty()) {
      throw new InvalidInput("the request has both %sids and %snames".formatted(field, field));
    }
    if (count == 0 && names.isEmpty()) {
      return null;
    }
    FieldType type = names.isEmpty() ? FieldType.INTEGER : FieldType.STRING;
    ColumnBuilder items = new ColumnBuilder(field + "ids", type, count + names.size());
    for (int i = 0; i < count; i++) {
      items.add(id.applyAsLong(i));
    }
    names.forEach(items::add);
    return items.build();
  }

  static RankResponse write(Ranked ranked) {
    ResponseHeader header = ranked.header();
    RankResponse.Builder message =
        RankResponse.newBuilder()
            .setModelName(header.model().id().model())
            .setModelVersion(String.valueOf(header.model().id().version()))
            .setId(header.id() == null ? "" : header.id())
            .putAllParameters(InferMessage.parameters(header))
            .setUnscored(ranked.unscored());
    for (Object item : ranked.items()) {
      if (item instanceof Long number) {
        message.addItemIds(number);
      } else if (item instanceof String name) {
        message.addItemNames(name);
      }
    }
    for (int row : ranked.rows()) {
      message.addRows(row);
    }
    for (double score : ranked.scores()) {
      message.addScores(score);
    }
    if (ranked.explanations() != null) {
      message.addAllExplanations(ExplanationMessages.of(ranked.explanations()));
    }
    return message.build();
  }
}
