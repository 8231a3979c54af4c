package org.pillion.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.UnaryOperator;

/** Writes versions of the test documents into a repository. */
public final class RepositoryFixture {
  /** Rows of the logistic regression; the last is one that training refused. */
  public static final List<String> LOGISTIC_ROWS =
      List.of(
          """
          {"input": {"color": "red", "age": 30.0, "visits": 2}, \
          "expected": {"prediction": 1.0, "probability(1)": 0.6456563062257954}}\
          """,
          """
          {"input": {"color": "green", "visits": 0}, \
          "expected": {"prediction": 0.0, "probability(1)": 0.33181222783183389}}\
          """,
          """
          {"input": {"color": "purple", "age": 1, "visits": 1}, "expected": {"error": true}}\
          """);

  /** Rows of the tree. */
  public static final List<String> TREE_ROWS =
      List.of(
          """
          {"input": {"x": 0.75, "member": true}, "expected": {"price": 10.25, "x again": 0.75}}\
          """,
          """
          {"input": {"x": "NaN", "member": null}, "expected": {"price": 10.25, "x again": "NaN"}}\
          """,
          """
          {"input": {"x": "-Infinity"}, "expected": {"price": -2.5, "x again": "-Infinity"}}\
          """,
          """
          {"input": {}, "expected": {"price": -2.5}}\
          """);

  private static final String LOGISTIC_CONTRACT =
      """
      "contract": {"inputs": [{"name": "color", "type": "string", "optype": "categorical",
        "values": ["red", "green", "blue"]}, {"name": "age", "type": "double"},
        {"name": "visits", "type": "integer"}]},
      "outputs": [{"name": "prediction", "type": "double"},
        {"name": "probability(1)", "type": "double"}]\
      """;

  private static final String TREE_CONTRACT =
      """
      "contract": {"inputs": [{"name": "x", "type": "double"},
        {"name": "member", "type": "boolean"}]},
      "outputs": [{"name": "price", "type": "double"}]\
      """;

  private static final String LINE_CONTRACT =
      """
      "contract": {"inputs": [{"name": "x", "type": "double"}]},
      "outputs": [{"name": "y", "type": "double"}]\
      """;

  private final Path folder;

  /** A repository in a folder that exists. */
  public RepositoryFixture(Path folder) {
    this.folder = folder;
  }

  /** Publishes the logistic regression. */
  public Path logistic(String model, long version) {
    return logistic(model, version, LOGISTIC_ROWS, UnaryOperator.identity());
  }

  /** Publishes the logistic regression with other rows, and with a change to its manifest. */
  public Path logistic(
      String model, long version, List<String> rows, UnaryOperator<String> manifest) {
    return publish(model, version, "logistic.pmml", rows, LOGISTIC_CONTRACT, manifest);
  }

  /** Publishes the tree. */
  public Path tree(String model, long version) {
    return publish(model, version, "tree.pmml", TREE_ROWS, TREE_CONTRACT, UnaryOperator.identity());
  }

  /** Publishes {@code y = x + offset}, which tells by its answers which content it has. */
  public Path line(String model, long version, int offset) {
    return line(model, version, offset, UnaryOperator.identity());
  }

  /** The same with a change to its manifest. */
  public Path line(String model, long version, int offset, UnaryOperator<String> manifest) {
    String pmml =
        new String(resource("line.pmml"), StandardCharsets.UTF_8).replace("OFFSET", "" + offset);
    String row = "{\"input\": {\"x\": 0.5}, \"expected\": {\"y\": %s}}".formatted(0.5 + offset);
    return publish(
        model,
        version,
        pmml.getBytes(StandardCharsets.UTF_8),
        List.of(row),
        LINE_CONTRACT,
        manifest);
  }

  private Path publish(
      String model,
      long version,
      String document,
      List<String> rows,
      String contract,
      UnaryOperator<String> change) {
    return publish(model, version, resource(document), rows, contract, change);
  }

  private Path publish(
      String model,
      long version,
      byte[] pmml,
      List<String> rows,
      String contract,
      UnaryOperator<String> change) {
    byte[] lines = (String.join("\n", rows) + "\n").getBytes(StandardCharsets.UTF_8);
    String manifest =
        """
        {"format": 1, "model": "%s", "version": %d, "created": "2026-01-01T00:00:00Z",
        "files": {"model.pmml": {"sha256": "%s", "bytes": %d},
          "verification.jsonl": {"sha256": "%s", "rows": %d}},
        %s,
        "spark": {"version": "4.2.0"}, "engine": "auto"}\
        """
            .formatted(
                model,
                version,
                Sha256.of(pmml),
                pmml.length,
                Sha256.of(lines),
                rows.size(),
                contract);
    try {
      Path target = folder.resolve(model).resolve(Long.toString(version));
      Files.createDirectories(target);
      Files.write(target.resolve(VersionFolder.MODEL), pmml);
      Files.write(target.resolve(VersionFolder.VERIFICATION), lines);
      // Replaced at once, so that a reader sees the old or the new one.
      Path draft = target.resolve(".manifest");
      Files.writeString(draft, change.apply(manifest));
      Files.move(
          draft,
          target.resolve(VersionFolder.MANIFEST),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = RepositoryFixture.class.getResourceAsStream("/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
