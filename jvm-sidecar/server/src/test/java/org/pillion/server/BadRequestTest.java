package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pillion.registry.RepositoryFixture;

/** Every bad request is a 4xx that names what is wrong, and the next request is served. */
final class BadRequestTest {
  private static final String INFER = "/v2/models/ranker/infer";
  private static final String GOOD = Bodies.ranker("red", "30.0", "2");

  @TempDir static Path folder;

  private static Sidecar sidecar;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    LogFormat.text.install();
    new RepositoryFixture(folder).logistic("ranker", 1);
    Settings settings =
        TestSettings.of(
            folder,
            TestSettings.addresses(0, null),
            TestSettings.limits(1, 8, 64, 1 << 20, 3, false));
    sidecar = Sidecar.start(settings, "test");
    client = new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  @AfterAll
  static void stop() {
    sidecar.close();
  }

  @AfterEach
  void theNextRequest_isServed() {
    assertEquals(200, client.post(INFER, GOOD).statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``          | the body is not a JSON object",
        "null        | the body is not a JSON object",
        "[]          | the body is not a JSON object",
        "{           | the body is not valid JSON at line 1, column 2",
        "{} x        | the body is not valid JSON at line 1, column 4",
        "{}{}        | the body goes on after its JSON object",
        "{}          | the body has no 'inputs'",
        "{\"id\":7}  | 'id' is not a string",
        "{\"inputs\":{}}           | 'inputs' is not an array",
        "{\"inputs\":[7]}          | an item of 'inputs' is not an object",
        "{\"inputs\":[{}]}         | an item of 'inputs' has no name",
        "{\"inputs\":[]}           | the fields 'color', 'age', 'visits' must be given",
        "{\"inputs\":[],\"inputs\":[]} | the body is not valid JSON at line 1, column 22",
        "{\"outputs\":[{}]}        | an item of 'outputs' has no name",
        "{\"outputs\":[{\"name\":\"score\"}]} | the model has no output 'score'",
        "{\"parameters\":{\"on_row_error\":\"skip\"}}"
            + "| the parameter 'on_row_error' is 'null' or 'fail', not 'skip'",
      })
  void infer_badBody_is400(String body, String sentence) {
    assertError(400, sentence, client.post(INFER, body));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"age\"|\"height\"| the field 'height' is not an input of the model",
        "\"visits\", \"shape\": [1], \"datatype\": \"INT64\"|\"age\", \"shape\": [1], \"datatype\": \"FP64\""
            + "| the field 'age' is given twice",
        "[30.0]|[30.0, 1]| the input 'age' has the shape [1], but its data has 2 values",
        "[30.0]|[NaN]| the input 'age', row 0: NaN is not JSON; write \\\"NaN\\\", or null for a missing value",
        "[30.0]|[-Infinity]| the input 'age', row 0: -Infinity is not JSON;"
            + " write \\\"-Infinity\\\", or null for a missing value",
        "[30.0]|[1e999]"
            + "| the input 'age', row 0: 1e999 is not a value of FP64 for a field of type double",
        "[30.0]|[\"30\"]"
            + "| the input 'age', row 0: 30 is not a value of FP64 for a field of type double",
        "[30.0]|[true]"
            + "| the input 'age', row 0: true is not a value of FP64 for a field of type double",
        "[30.0]|[{}]"
            + "| the input 'age', row 0: { is not a value of FP64 for a field of type double",
        "[30.0]|[[[1]]]| the data of the input 'age' is nested too deeply",
        "[30.0]|[[1, 2]]| the data of the input 'age' must have one value in a row",
        "[30.0]|30| the data of the input 'age' is not an array",
        "\"data\": [30.0]|\"x\": 1" + "| the input 'age' has no data that can be read as UTF-8",
        "\"FP64\"|\"FP16\"| the input 'age' has an unknown datatype 'FP16'",
        "\"FP64\"|\"BYTES\"| the input 'age' is of type double, so its datatype is one of"
            + " INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FP32, FP64, not BYTES",
        "\"INT64\"|\"FP64\"| the input 'visits' is of type integer, so its datatype is one of"
            + " INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, not FP64",
        "[2]|[2.5]"
            + "| the input 'visits', row 0: 2.5 is not a value of INT64 for a field of type integer",
        "[2]|[9223372036854775808]| the input 'visits', row 0: 9223372036854775808 is not a value"
            + " of INT64 for a field of type integer",
        "\"INT64\", \"data\": [2]|\"UINT8\", \"data\": [256]"
            + "| the input 'visits', row 0: 256 is not a value of UINT8 for a field of type integer",
        "[\"red\"]|[7]"
            + "| the input 'color', row 0: 7 is not a value of BYTES for a field of type string",
        "[\"red\"]|[\"\\ud800\"]| the input 'color', row 0: the text is not valid Unicode",
        "[\"red\"]|[\"\\ude00\\ud83d\"]| the input 'color', row 0: the text is not valid Unicode",
        "\"age\", \"shape\": [1]|\"age\", \"shape\": [1, 2]"
            + "| the input 'age' has the shape [1, 2], but [n] or [n, 1] with n of 1 or more is expected",
        "\"age\", \"shape\": [1]|\"age\", \"shape\": [-1]"
            + "| the input 'age' has the shape [-1], but [n] or [n, 1] with n of 1 or more is expected",
        "\"age\", \"shape\": [1]|\"age\", \"shape\": [\"1\"]"
            + "| the shape of the input 'age' has no whole numbers",
        "\"age\", \"shape\": [1]|\"age\"| the input 'age' has no shape",
        "\"shape\": [1], \"datatype\": \"FP64\"|\"shape\": [1]| the input 'age' has no datatype",
        "\"red\"|\"purple\"| row 0: the field 'color' does not accept the value 'purple'",
      })
  void infer_badTensor_is400(String good, String bad, String sentence) {
    HttpResponse<String> answer = client.post(INFER, GOOD.replace(good, bad));

    assertError(400, sentence, answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"id\": \"7\"|\"id\": null",
        "\"id\": \"7\"|\"parameters\": null",
        "\"id\": \"7\"|\"outputs\": null",
        "\"id\": \"7\"|\"parameters\": {\"binary_data_output\": null, \"on_row_error\": null}",
        "\"id\": \"7\"|\"outputs\": [{\"name\": \"prediction\", \"parameters\": null}]",
        "\"id\": \"7\"|\"outputs\": [{\"name\": \"prediction\","
            + " \"parameters\": {\"binary_data\": null}}]",
        "\"shape\": [1]|\"parameters\": null, \"shape\": [1]",
        "\"shape\": [1]|\"parameters\": {\"binary_data_size\": null, \"missing_rows\": null,"
            + " \"context\": null}, \"shape\": [1]",
      })
  void infer_nullMember_isAbsent(String good, String member) {
    assertTrue(GOOD.contains(good));

    HttpResponse<String> answer = client.post(INFER, GOOD.replace(good, member));

    assertEquals(200, answer.statusCode(), answer.body());
  }

  @Test
  void infer_nullInputs_areAbsent() {
    assertError(400, "the body has no 'inputs'", client.post(INFER, "{\"inputs\": null}"));
  }

  @ParameterizedTest
  @CsvSource({
    "-1e300, 504",
    "-1, 504",
    "0, 504",
    "1e300, 200",
    "60000, 200",
    "1e999, 400",
    "50d, 400",
    "0x1p9, 400"
  })
  void infer_deadline_isKeptHoweverFar(String millis, int status) {
    assertEquals(status, client.post(INFER, GOOD, "X-Deadline-Ms", millis).statusCode());
  }

  @Test
  void infer_absentInput_isNamed() {
    String body = GOOD.replaceFirst("(?m)^.*\"age\".*$", "");

    assertError(400, "the field 'age' must be given", client.post(INFER, body));
  }

  @Test
  void infer_inputsOfDifferentLengths_areNamed() {
    String body =
        GOOD.replace(
            "\"shape\": [1], \"datatype\": \"INT64\", \"data\": [2]",
            "\"shape\": [2], \"datatype\": \"INT64\", \"data\": [2, 3]");

    assertError(
        400, "the field 'visits' has 2 values, but the batch has 1 rows", client.post(INFER, body));
  }

  @Test
  void infer_tooManyRows_is413() {
    String body = GOOD.replace("[30.0]", "[1, 2, 3, 4]");

    assertError(
        413,
        "the input 'age' has more rows than the 3 allowed: at least 4; see --max-rows",
        client.post(INFER, body));
  }

  @Test
  void infer_unknownModelOrVersion_is404() {
    assertError(404, "there is no model 'nobody'", client.post("/v2/models/nobody/infer", GOOD));
    for (String version : new String[] {"2", "0", "x", "-1", "01", "+1", "99999999999"}) {
      assertError(
          404,
          "the model 'ranker' has no version " + version,
          client.post("/v2/models/ranker/versions/" + version + "/infer", GOOD));
    }
  }

  @Test
  void infer_formsThatAreNotSupported_areRefused() {
    assertError(
        400,
        "the header Inference-Header-Content-Length says 9999, but the body has "
            + GOOD.length()
            + " bytes",
        client.post(INFER, GOOD, "Inference-Header-Content-Length", "9999"));
    assertError(
        400,
        "the header Inference-Header-Content-Length is not a number of bytes: -1",
        client.post(INFER, GOOD, "Inference-Header-Content-Length", "-1"));
    assertError(
        415,
        "the body's Content-Encoding is 'br', but one of gzip, deflate, identity is read",
        client.post(INFER, GOOD, "Content-Encoding", "br"));
    assertError(
        400,
        "the body is not valid gzip: Not in GZIP format",
        client.post(INFER, GOOD, "Content-Encoding", "gzip"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET /v2/models/%zz HTTP/1.1, 400",
    "GET * HTTP/1.1, 404",
    "this is not http, 400",
  })
  void anyBytes_thatAreNoGoodRequest_areAnsweredWithAnError(String line, int status)
      throws IOException {
    String answer = raw(line + "\r\nHost: x\r\n\r\n");

    assertTrue(answer.matches("(?s)HTTP/1.[01] " + status + " .*"), answer);
    assertTrue(answer.contains("{\"error\":\""), answer);
  }

  @Test
  void headers_tooLong_areAnsweredWithAnError() throws IOException {
    String answer = raw("GET /v2 HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
  }

  private static String raw(String request) throws IOException {
    int port = Integer.parseInt(sidecar.addresses().get(0).replaceAll(".*:", ""));
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = new byte[8_192];
      int length = socket.getInputStream().read(answer);
      return new String(answer, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void infer_deepJson_is400() {
    String body = "{\"parameters\":" + "[".repeat(5000) + "]".repeat(5000) + "}";

    assertEquals(400, client.post(INFER, body).statusCode());
  }

  private static void assertError(int status, String sentence, HttpResponse<String> answer) {
    assertEquals("{\"error\":\"" + sentence + "\"}", answer.body());
    assertEquals(status, answer.statusCode());
  }
}
