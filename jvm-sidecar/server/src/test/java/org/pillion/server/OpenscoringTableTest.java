package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.registry.RepositoryFixture;

/** Tables of the Openscoring dialect: in every form they are read by, or refused; never guessed. */
final class OpenscoringTableTest {
  private static final String CSV = "/openscoring/model/ranker/csv";
  private static final String PLAIN = "color,age,visits\nred,30.0,2\ngreen,,0\n";

  @TempDir static Path folder;

  private static Sidecar sidecar;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    LogFormat.text.install();
    new RepositoryFixture(folder).logistic("ranker", 1);
    sidecar = Sidecar.start(TestSettings.of(folder), "test");
    client = new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  @AfterAll
  static void stop() {
    sidecar.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PLAIN,
        "\ufeffcolor,age,visits\nred,30.0,2\ngreen,,0\n",
        "color,age,visits\rred,30.0,2\rgreen,,0\r",
        "color,age,visits\r\nred,30.0,2\r\n\r\ngreen,,0",
        "color, age, visits\nred,30.0,2\ngreen,,0\n",
        " color , age , visits \nred, 30.0, 2 \ngreen,N/A,0\n",
        "\"color\",\"age\",\"visits\"\n\"red\",\"30.0\",\"2\"\n\"green\",\"\",\"0\"\n",
        "color,age,visits\nred,3e1,2.0\ngreen,NA,0.0\n",
        "visits,age,\"a; b; c\",color\n2,30.0,x,red\n0,,y,green\n",
        "color;age;visits\nred;30.0;2\ngreen;;0\n",
        "color|age|visits\nred|30.0|2\ngreen||0\n",
        "color\tage\tvisits\nred\t30.0\t2\ngreen\t\t0\n"
      })
  void table_ofAnyForm_isReadAsThePlainOne(String table) {
    String expected = client.post(CSV, PLAIN).body();

    HttpResponse<String> answer = client.post(CSV, table);

    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(expected.contains("0.6456563062257954"), expected);
    assertTrue(expected.contains("0.3318122278318339"), expected);
    assertEquals(expected, answer.body().replaceAll("[;|\t]", ","));
    assertTrue(answer.headers().firstValue("X-Missing-Inputs").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%5Ct", "%09"})
  void delimiter_ofTheCaller_mayBeATab(String delimiter) {
    String table = PLAIN.replace(",", "\t");

    HttpResponse<String> answer = client.post(CSV + "?delimiterChar=" + delimiter, table);

    assertEquals(client.post(CSV, table).body(), answer.body());
    assertEquals(200, answer.statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "a,b;1,2#no column of the table is an input of the model; its header is a, b",
        "color,age;t,1#row 0: the field 'color' does not accept the value 't'",
        "color,age,color;red,1,red#the table has two columns 'color'",
        "color,age;red,1e999#the argument 'age', row 0: 1e999 is not a value of type double",
        "color,age;red,-1e999#the argument 'age', row 0: -1e999 is not a value of type double",
        "color,age;red,50d#the argument 'age', row 0: 50d is not a value of type double",
        "color,age;red,0x1p3#the argument 'age', row 0: 0x1p3 is not a value of type double",
        "color,visits;red,2.5#the argument 'visits', row 0: 2.5 is not a value of type integer",
        "color,visits;red,1e999999999"
            + "#the argument 'visits', row 0: 1e999999999 is not a value of type integer",
        "``#the table has no header",
      })
  void table_thatIsNotWhatItSeems_isRefused(String table, String sentence) {
    HttpResponse<String> answer = client.post(CSV, table.replace(';', '\n'));

    assertEquals("{\"message\":\"" + sentence + "\"}", answer.body());
    assertEquals(400, answer.statusCode());
  }

  /** In the tables, an apostrophe stands for a quote and a semicolon for a line end. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "color,age;red#2#the row that ends here has 1 cells, but the header has 2",
        "color,age;red,1;;red,1,#4#the row that ends here has 3 cells, but the header has 2",
        "color,age;'re;d'#3#the row that ends here has 1 cells, but the header has 2",
        "color,age;'red,1#2#the quoted cell that begins here does not end",
        "color,age;red,1;'red,1;red,1#3#the quoted cell that begins here does not end",
        "color,age;re'd,1#2#a quote",
        "color,age;red,1;;red',1#4#a quote",
        "color,age;'re;d',1;red,1'#4#a quote",
        "color,age; 'red',1#2#a quote",
        "color,age;red,1'#2#a quote",
        "color|age;re'd|1#2#a quote",
        "color|age;red|1;',|1#3#the quoted cell that begins here does not end",
        "co'lor,age;red,1#1#a quote",
        "color,age;'red' 'x',1#2#a quote",
        "color,age;'red'x,1#2#text follows",
        "color,age;'red' x,1#2#text follows",
        "color,age;'re'd',1#2#text follows",
        "color,age;'red'';red,1#2#the quoted cell that begins here does not end",
      })
  void row_thatIsNotOneOfTheTable_isRefusedByItsLine(String table, int line, String sentence) {
    for (String end : List.of("\n", "\r", "\r\n")) {
      HttpResponse<String> answer =
          client.post(CSV, table.replace('\'', '"').replace(";", end) + end);

      String expected = "{\"message\":\"line %d of the table: %s".formatted(line, sentence);
      assertTrue(answer.body().startsWith(expected), answer.body());
      assertEquals(400, answer.statusCode());
    }
  }

  @Test
  void quotes_ofTheCaller_mayStandWithinCellsThatHaveOthers() {
    String table = "color,age,visits\nred,'30.0' ,2\n";

    HttpResponse<String> answer = client.post(CSV + "?quoteChar='", table);

    assertEquals(client.post(CSV, table.replace("'", "")).body(), answer.body());
    assertEquals(400, client.post(CSV + "?quoteChar='", "color,age\nre'd,30.0\n").statusCode());
    assertEquals(
        "{\"message\":\"row 0: the field 'color' does not accept the value 're\\\"d'\"}",
        client.post(CSV + "?quoteChar='", "color,age\nre\"d,30.0\n").body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "delimiterChar=%7C%7C#delimiterChar is one character, not '||'",
        "delimiterChar=%3B#no column of the table is an input of the model; its header is",
        "delimiterChar=%22#these cannot be delimiterChar and quoteChar: ",
        "quoteChar=ab#quoteChar is one character, not 'ab'",
      })
  void characters_thatCannotBe_areRefused(String query, String sentence) {
    HttpResponse<String> answer = client.post(CSV + "?" + query, PLAIN);

    assertTrue(answer.body().startsWith("{\"message\":\"" + sentence), answer.body());
    assertEquals(400, answer.statusCode());
  }

  @Test
  void inputs_thatNoColumnGives_areNamed() {
    HttpResponse<String> answer = client.post(CSV, "Id,color,extra\n7,red,1\n");

    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(
        "[\"age\",\"visits\"]", answer.headers().firstValue("X-Missing-Inputs").orElseThrow());
    assertTrue(answer.body().startsWith("Id,"), answer.body());
  }

  @Test
  void rows_moreThanAllowed_are413() {
    String table = "color\n" + "red\n".repeat(TestSettings.MAX_ROWS + 1);

    assertEquals(413, client.post(CSV, table).statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{\"arguments\": {\"age\": 1e999}}#the argument 'age': 1e999 is too large for a double",
        "{\"arguments\": {\"age\": \"1e999\"}}"
            + "#the argument 'age', row 0: 1e999 is not a value of type double",
        "{\"arguments\": {\"Age\": 1}}"
            + "#row 0: no argument is an input of the model, for example 'Age'",
      })
  void arguments_thatAreNotWhatTheySeem_areRefused(String body, String sentence) {
    HttpResponse<String> answer = client.post("/openscoring/model/ranker", body);

    assertEquals("{\"message\":\"" + sentence + "\"}", answer.body());
    assertEquals(400, answer.statusCode());
  }

  @Test
  void members_thatAreNull_areAbsent() {
    String body = "{\"id\": null, \"arguments\": {\"color\": \"red\", \"age\": null}}";

    assertEquals(200, client.post("/openscoring/model/ranker", body).statusCode());
  }
}
