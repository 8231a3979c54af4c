package org.pillion.scoring.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.pillion.pmml.DocumentLimits;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.Scorer;

/** The documents of the golden cases that carry a Spark plan, and rows for them. */
final class Goldens {
  private static final List<Object> LABELS =
      List.of("red", "", "1", "never seen", "Action", "A", "male", "high");

  /** Documents by case. */
  static final Map<String, String> DOCUMENTS = read();

  private Goldens() {}

  private static Map<String, String> read() {
    Map<String, String> documents = new LinkedHashMap<>();
    try (Stream<Path> cases = Files.list(Path.of(System.getProperty("pillion.goldens")))) {
      for (Path home : cases.filter(Files::isDirectory).sorted().toList()) {
        String document = Files.readString(home.resolve("model.pmml"));
        if (document.contains("name=\"spark-plan\"")) {
          documents.put(home.getFileName().toString(), document);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return documents;
  }

  /** The plan in a document. */
  static String plan(String document) {
    return document.substring(document.indexOf("<plan "), end(document));
  }

  /** A document with another plan. */
  static String with(String document, String plan) {
    return document.substring(0, document.indexOf("<plan "))
        + plan
        + document.substring(end(document));
  }

  private static int end(String document) {
    return document.indexOf("</plan>") + "</plan>".length();
  }

  static Scorer compile(String document) {
    return PlanCompiler.compile(document.getBytes(StandardCharsets.UTF_8), DocumentLimits.DEFAULT);
  }

  /** Rows of all sorts: usual numbers, extreme ones, labels that are known, and missing values. */
  static ColumnBatch rows(FeatureContract contract, int rows, long seed) {
    Random random = new Random(seed);
    Map<String, Column> columns = new LinkedHashMap<>();
    for (InputField field : contract.inputs()) {
      ColumnBuilder builder = new ColumnBuilder(field.name(), field.type(), rows);
      for (int row = 0; row < rows; row++) {
        builder.addBoxed(random.nextInt(20) == 0 ? null : value(field, random));
      }
      columns.put(field.name(), builder.build());
    }
    return ColumnBatch.of(contract, rows, columns);
  }

  private static Object value(InputField field, Random random) {
    if (!field.values().isEmpty() && random.nextInt(4) > 0) {
      return field.values().get(random.nextInt(field.values().size()));
    }
    double number =
        switch (random.nextInt(12)) {
          case 0 -> Double.NaN;
          case 1 -> Double.POSITIVE_INFINITY;
          case 2 -> -Double.MAX_VALUE;
          case 3 -> -0.0;
          default -> random.nextInt(2) == 0 ? random.nextInt(9) : 40 * random.nextGaussian();
        };
    return switch (field.type()) {
      case STRING -> LABELS.get(random.nextInt(LABELS.size()));
      case INTEGER -> (long) random.nextInt(60);
      case BOOLEAN -> random.nextBoolean();
      case FLOAT -> (float) number;
      case DOUBLE -> number;
    };
  }
}
