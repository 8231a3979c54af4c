package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
import org.pillion.server.inference.Failure;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.Tensor;

/** Reads the JSON of a V2 inference request straight into columns; for one request only. */
final class InferRequestReader {
  private static final String ON_ROW_ERROR = "on_row_error";

  private final FeatureContract contract;
  private final TensorReader tensors;
  private final byte[] body;

  private String id;
  private List<Tensor> inputs;
  private List<Integer> outputs;
  private boolean nullOnRowError;

  private InferRequestReader(FeatureContract contract, int maxRows, byte[] body) {
    this.contract = contract;
    this.tensors = new TensorReader(contract, maxRows, body);
    this.body = body;
  }

  /**
   * Reads a request for a model.
   *
   * @throws InvalidInput naming what does not fit
   * @throws Failure with 413 when there are too many rows
   */
  static InferRequest read(FeatureContract contract, int maxRows, byte[] body) {
    return new InferRequestReader(contract, maxRows, body).read();
  }

  private InferRequest read() {
    try (JsonParser json = JsonBody.FACTORY.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidInput("the body is not a JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        json.nextToken();
        readMember(key, json);
      }
      if (json.nextToken() != null) {
        throw new InvalidInput("the body goes on after its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInput(notJson(e));
    } catch (IOException e) {
      throw new InvalidInput("the body cannot be read");
    }
    return request();
  }

  private String notJson(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " at line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr();
    String tensor = tensors.current() == null ? "" : ", in the input '" + tensors.current() + "'";
    return "the body is not valid JSON" + where + tensor;
  }

  private void readMember(String key, JsonParser json) throws IOException {
    switch (key) {
      case "id" -> id = JsonText.required(json, "'id'");
      case "parameters" -> readParameters(json);
      case "inputs" -> inputs = readInputs(json);
      case "outputs" -> outputs = readOutputs(json);
      default -> json.skipChildren();
    }
  }

  private void readParameters(JsonParser json) throws IOException {
    JsonText.requireObject(json, "'parameters'");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      if (ON_ROW_ERROR.equals(key)) {
        nullOnRowError = onRowError(JsonText.required(json, "the parameter '" + key + "'"));
      } else {
        json.skipChildren();
      }
    }
  }

  private static boolean onRowError(String value) {
    return switch (value) {
      case "null" -> true;
      case "fail" -> false;
      default ->
          throw new InvalidInput(
              "the parameter 'on_row_error' is 'null' or 'fail', not '" + value + "'");
    };
  }

  private List<Tensor> readInputs(JsonParser json) throws IOException {
    JsonText.requireArray(json, "'inputs'");
    List<Tensor> read = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      read.add(tensors.read(json));
    }
    return read;
  }

  private List<Integer> readOutputs(JsonParser json) throws IOException {
    JsonText.requireArray(json, "'outputs'");
    List<String> known = contract.outputs().stream().map(OutputField::name).toList();
    List<Integer> wanted = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      JsonText.requireObject(json, "an item of 'outputs'");
      String name = null;
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        json.nextToken();
        if ("name".equals(key)) {
          name = JsonText.required(json, "the name of an output");
        } else {
          json.skipChildren();
        }
      }
      wanted.add(position(name, known, wanted));
    }
    return wanted;
  }

  private static int position(String name, List<String> known, List<Integer> wanted) {
    if (name == null) {
      throw new InvalidInput("an item of 'outputs' has no name");
    }
    int position = known.indexOf(name);
    if (position < 0) {
      throw new InvalidInput(name, "the model has no output '" + name + "'");
    }
    if (wanted.contains(position)) {
      throw new InvalidInput(name, "the output '" + name + "' is asked for twice");
    }
    return position;
  }

  private InferRequest request() {
    if (inputs == null) {
      throw new InvalidInput("the body has no 'inputs'");
    }
    // A model of constants takes no input, and then there is nothing to count rows by.
    int rows = inputs.isEmpty() ? 1 : inputs.get(0).column().rows();
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    inputs.forEach(tensor -> batch.add(tensor.name(), tensor.column()));
    List<Integer> wanted =
        outputs == null || outputs.isEmpty()
            ? IntStream.range(0, contract.outputs().size()).boxed().toList()
            : outputs;
    return new InferRequest(id, batch.build(), wanted, nullOnRowError);
  }
}
