package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.function.LongFunction;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.http.JsonText;
import org.pillion.server.inference.FirstPhase;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.inference.NamedItems;
import org.pillion.server.inference.RankRequest;
import org.pillion.server.inference.TableItems;
import org.pillion.server.limits.Deadline;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.Tensor;

/** Reads the body of a request to rank; for one request only. */
public final class RankRequestReader {
  private final InputRules rules;
  private final TensorReader tensors;
  private final InferRequestBuilder request;
  private final long arrival;
  private final LongFunction<TableItems> tables;
  private Column items;
  private Column itemIds;
  private Column excluded;
  private String list;
  private int listSize;
  private long featureVersion;
  private int k = -1;
  private boolean explain;
  private String userVector;
  private String itemVector;
  private Deadline deadline;

  /**
   * A reader.
   *
   * @param tables finds the items of a feature version, 0 for none, that requests name
   * @param arrival when the request arrived, on the clock of {@link System#nanoTime()}
   * @param deadline that of its header
   */
  public RankRequestReader(
      InputRules rules,
      LongFunction<TableItems> tables,
      InferBody body,
      long arrival,
      Deadline deadline) {
    this.rules = rules;
    this.request = new InferRequestBuilder(rules);
    this.tensors = new TensorReader(rules, body, request);
    this.tables = tables;
    this.arrival = arrival;
    this.deadline = deadline;
  }

  /**
   * Reads the request.
   *
   * @throws InvalidInput naming what does not fit
   */
  public RankRequest read() {
    tensors.readBody(this::readMember);
    if (k < 0) {
      throw new InvalidInput("the body has no 'k', the number of items that are wanted");
    }
    NamedItems named =
        new NamedItems(
            itemIds,
            list,
            listSize,
            excluded,
            featureVersion,
            FirstPhase.of(userVector, itemVector));
    return RankRequest.of(request, k, items, named, tables, deadline, explain);
  }

  private void readMember(String key, JsonParser parser) throws IOException {
    switch (key) {
      case "id" -> request.id(JsonText.required(parser, "'id'"));
      case "k" -> k = positive(parser, key);
      case "deadline_ms" -> readDeadline(parser);
      case "context" -> tensors.readAll(parser, "'context'", Tensor.Role.CONTEXT);
      case "candidates" -> tensors.readAll(parser, "'candidates'", Tensor.Role.ROWS);
      case "item_defaults" -> tensors.readAll(parser, "'item_defaults'", Tensor.Role.DEFAULT);
      case "parameters" ->
          JsonText.readMembers(
              parser,
              (name, value) -> InferRequestReader.readParameter(name, value, request),
              "'parameters'");
      case "items" -> items = readItems(parser, key);
      case "item_ids" -> itemIds = readItems(parser, key);
      case "exclude" -> excluded = readItems(parser, key);
      case "list" -> list = JsonText.required(parser, "'list'");
      case "list_size" -> listSize = positive(parser, key);
      case "user_vector" -> userVector = JsonText.required(parser, "'user_vector'");
      case "item_vector" -> itemVector = JsonText.required(parser, "'item_vector'");
      case "feature_version" -> featureVersion = readVersion(parser);
      case "explain" -> explain = JsonText.flag(parser, "'explain'");
      default -> parser.skipChildren();
    }
  }

  private static int positive(JsonParser parser, String key) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() == JsonParser.NumberType.INT
        && parser.getIntValue() > 0) {
      return parser.getIntValue();
    }
    throw new InvalidInput("'%s' is not a whole number from 1 to 2147483647".formatted(key));
  }

  private static long readVersion(JsonParser parser) throws IOException {
    if (isLong(parser) && parser.getLongValue() > 0) {
      return parser.getLongValue();
    }
    throw new InvalidInput("'feature_version' is not a whole number from 1");
  }

  private void readDeadline(JsonParser parser) throws IOException {
    if (!parser.currentToken().isNumeric() || !Double.isFinite(parser.getDoubleValue())) {
      throw new InvalidInput("'deadline_ms' is not a number of milliseconds");
    }
    deadline = Deadline.in(parser.getDoubleValue(), arrival);
    deadline.require(System.nanoTime());
  }

  private Column readItems(JsonParser parser, String key) throws IOException {
    JsonText.requireArray(parser, "'%s'", key);
    ColumnBuilder builder = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
      if (builder == null) {
        FieldType type = text ? FieldType.STRING : FieldType.INTEGER;
        builder = new ColumnBuilder(key, type, 1, rules.memory());
      }
      rules.requireRoom(key, builder.rows() + 1L);
      if (text && builder.type() == FieldType.STRING) {
        builder.add(JsonText.required(parser, "'%s', index %d,", key, builder.rows()));
      } else if (!text && builder.type() == FieldType.INTEGER && isLong(parser)) {
        builder.add(parser.getLongValue());
      } else {
        throw new InvalidInput(
            "'%s', index %d: all items are whole numbers, or all are strings"
                .formatted(key, builder.rows()));
      }
    }
    return builder == null ? new ColumnBuilder(key, FieldType.INTEGER).build() : builder.build();
  }

  private static boolean isLong(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
  }
}
