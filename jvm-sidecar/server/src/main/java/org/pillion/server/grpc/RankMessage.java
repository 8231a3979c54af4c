package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pillion.registry.ItemTable;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.Contribution;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.RankRequest;
import org.pillion.server.inference.Ranked;
import org.pillion.server.inference.RequestParts;

/** The messages {@code RankRequest} and {@code RankResponse}. */
final class RankMessage {
  private final List<InputMessage> context = new ArrayList<>();
  private final List<InputMessage> candidates = new ArrayList<>();
  private final List<ByteBuffer> raw = new ArrayList<>();
  private final ColumnBuilder ids = new ColumnBuilder("item_ids", FieldType.INTEGER);
  private final ColumnBuilder names = new ColumnBuilder("item_names", FieldType.STRING);
  private final ColumnBuilder tableIds = new ColumnBuilder("table_item_ids", FieldType.INTEGER);
  private final ColumnBuilder tableNames = new ColumnBuilder("table_item_names", FieldType.STRING);
  private String model = "";
  private String version = "";
  private String id = "";
  private long k;
  private boolean explain;

  private RankMessage() {}

  /**
   * Reads a request.
   *
   * @throws InvalidInput when it is none
   */
  static RankMessage read(byte[] bytes) {
    RankMessage message = new RankMessage();
    ProtoReader reader = new ProtoReader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> message.model = reader.string();
        case 2 -> message.version = reader.string();
        case 3 -> message.id = reader.string();
        case 4 -> message.k = reader.varint();
        case 5 -> message.context.add(InputMessage.read(reader.message()));
        case 6 -> message.candidates.add(InputMessage.read(reader.message()));
        case 7 -> readIds(reader, message.ids);
        case 8 -> message.names.add(reader.string());
        case 9 -> message.raw.add(reader.bytes());
        case 10 -> message.explain = reader.varint() != 0;
        case 11 -> readIds(reader, message.tableIds);
        case 12 -> message.tableNames.add(reader.string());
        default -> reader.skip();
      }
    }
    return message;
  }

  private static void readIds(ProtoReader reader, ColumnBuilder ids) {
    if (!reader.isPacked()) {
      ids.add(reader.varint());
      return;
    }
    ProtoReader packed = reader.message();
    while (packed.hasMore()) {
      ids.add(packed.readVarint());
    }
  }

  String model() {
    return model;
  }

  /** The version, or null for the one that serves. */
  String version() {
    return version.isEmpty() ? null : version;
  }

  /**
   * The request.
   *
   * @param table the model's items; empty where it has none
   * @throws InvalidInput naming what does not fit the model
   */
  RankRequest request(InputRules rules, Optional<ItemTable> table) {
    if (k < 1 || k > Integer.MAX_VALUE) {
      throw new InvalidInput("'k' is not a whole number above 0");
    }
    RequestParts parts = new RequestParts(rules.contract());
    parts.parameter(RequestParts.ON_ROW_ERROR, "null");
    parts.id(id.isEmpty() ? null : id);
    List<InputMessage> inputs = new ArrayList<>(context);
    inputs.addAll(candidates);
    InferMessage.requireOneForm(inputs, raw);
    for (int i = 0; i < inputs.size(); i++) {
      ByteBuffer bytes = raw.isEmpty() ? null : raw.get(i);
      parts.add(inputs.get(i).tensor(rules, bytes).inContext(i < context.size()));
    }
    Column items = either(ids, names, "item_ids", "item_names");
    Column named = either(tableIds, tableNames, "table_item_ids", "table_item_names");
    if (named != null) {
      rules.requireRoom("table_item_ids", named.rows());
      if (items != null) {
        throw new InvalidInput("the request has both names of candidates and items of the table");
      }
      parts.candidates(table, named);
      items = named;
    }
    return new RankRequest(parts.build(), (int) k, items, explain);
  }

  private static Column either(
      ColumnBuilder ids, ColumnBuilder names, String idsField, String namesField) {
    if (ids.rows() > 0 && names.rows() > 0) {
      throw new InvalidInput("the request has both " + idsField + " and " + namesField);
    }
    if (names.rows() > 0) {
      return names.build();
    }
    return ids.rows() > 0 ? ids.build() : null;
  }

  static byte[] write(Ranked ranked) {
    ProtoWriter message = new ProtoWriter();
    InferMessageWriter.writeHeader(message, ranked.header());
    ProtoWriter itemIds = new ProtoWriter();
    for (Object item : ranked.items()) {
      if (item instanceof Long number) {
        itemIds.rawVarint(number);
      }
    }
    message.bytes(5, itemIds.toBytes());
    for (Object item : ranked.items()) {
      if (item instanceof String name) {
        message.bytes(6, name.getBytes(StandardCharsets.UTF_8));
      }
    }
    ProtoWriter rows = new ProtoWriter();
    for (int row : ranked.rows()) {
      rows.rawVarint(row);
    }
    ByteBuffer scores =
        ByteBuffer.allocate(ranked.scores().length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double score : ranked.scores()) {
      scores.putDouble(score);
    }
    message.bytes(7, rows.toBytes()).bytes(8, scores.array()).varint(9, ranked.unscored());
    if (ranked.explanations() != null) {
      ranked.explanations().forEach(made -> message.message(10, to -> write(to, made)));
    }
    return message.toBytes();
  }

  private static void write(ProtoWriter message, Explanation explanation) {
    message
        .string(1, explanation.method().text())
        .string(2, explanation.scale().text())
        .number(3, explanation.base())
        .number(4, explanation.total());
    for (Contribution contribution : explanation.contributions()) {
      message.message(5, to -> write(to, contribution));
    }
  }

  private static void write(ProtoWriter message, Contribution contribution) {
    for (String field : contribution.fields()) {
      message.bytes(1, field.getBytes(StandardCharsets.UTF_8));
    }
    for (String column : contribution.columns()) {
      message.bytes(2, column.getBytes(StandardCharsets.UTF_8));
    }
    message.number(3, contribution.value());
  }
}
