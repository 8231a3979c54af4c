package org.pillion.server.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.LongFunction;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.inference.FirstPhase;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.inference.NamedItems;
import org.pillion.server.inference.RankRequest;
import org.pillion.server.inference.Ranked;
import org.pillion.server.inference.ResponseHeader;
import org.pillion.server.inference.TableItems;
import org.pillion.server.limits.Deadline;
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
   * @param tables finds the items of a feature version, 0 for none, that requests name
   * @param deadline until when a first phase may take its time
   * @throws InvalidInput naming what does not fit the model
   */
  RankRequest request(InputRules rules, LongFunction<TableItems> tables, Deadline deadline) {
    if (message.getK() < 1) {
      throw new InvalidInput("'k' is not a whole number from 1 to 2147483647");
    }
    InferRequestBuilder request = new InferRequestBuilder(rules);
    request.id(StateCalls.orNull(message.getId()));
    InputReader.readParameters(message.getParametersMap(), request);
    List<Input> inputs = new ArrayList<>(message.getContextList());
    inputs.addAll(message.getCandidatesList());
    inputs.addAll(message.getItemDefaultsList());
    new InputReader(rules, request, message.getRawInputContentsList())
        .readAll(inputs, message.getContextCount(), message.getCandidatesCount());
    Column items =
        either("item_", message.getItemIdsCount(), message::getItemIds, message.getItemNamesList());
    Column ids =
        either(
            "table_item_",
            message.getTableItemIdsCount(),
            message::getTableItemIds,
            message.getTableItemNamesList());
    Column excluded =
        either(
            "excluded_item_",
            message.getExcludedItemIdsCount(),
            message::getExcludedItemIds,
            message.getExcludedItemNamesList());
    rules.requireRoom("table_item_ids", ids == null ? 0 : ids.rows());
    rules.requireRoom("excluded_item_ids", excluded == null ? 0 : excluded.rows());
    NamedItems named =
        new NamedItems(
            ids,
            StateCalls.orNull(message.getTableList()),
            message.getTableListSize(),
            excluded,
            message.getFeatureVersion(),
            FirstPhase.of(
                StateCalls.orNull(message.getUserVector()),
                StateCalls.orNull(message.getItemVector())));
    return RankRequest.of(
        request, message.getK(), items, named, tables, deadline, message.getExplain());
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
            .setCandidates(ranked.candidates())
            .setFeatureVersion(ranked.featureVersion())
            .setUnscored(ranked.unscored())
            .setSeenShare(ranked.shortlist() == null ? 0 : ranked.shortlist().share());
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
