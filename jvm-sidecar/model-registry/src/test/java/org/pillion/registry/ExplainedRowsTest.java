package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.scoring.Engines;

/** Verification skips the rows that the manifest's parity record explains, and no others. */
final class ExplainedRowsTest {
  private static final VersionId ID = new VersionId("ranker", 1);
  private static final String WRONG = "0.9";

  @TempDir private Path folder;

  @Test
  void load_explainedRowThatDiffers_isNotHeldAgainstTheEngine() throws IOException {
    VersionStatus status =
        load("{\"jpmml\": {\"explained\": [{\"reason\": \"\", \"rows\": [1]}]}}");

    assertTrue(status.ready(), status::reason);
  }

  @Test
  void load_otherRowOrOtherEngineExplained_isRefused() throws IOException {
    for (String parity :
        List.of(
            "{\"jpmml\": {\"explained\": [{\"reason\": \"\", \"rows\": [0]}]}}",
            "{\"other\": {\"explained\": [{\"reason\": \"\", \"rows\": [1]}]}}",
            "{\"jpmml\": {\"explained\": []}}",
            "{\"jpmml\": {\"declined\": \"for a reason\"}}",
            "{}")) {
      String reason = load(parity).reason();

      assertTrue(
          reason.startsWith("verification row 1, output 'probability(1)': expected"),
          () -> parity + ": " + reason);
    }
  }

  @Test
  void load_mostRowsExplained_isRefused() throws IOException {
    assertEquals(
        "the manifest explains away 2 of 3 verification rows",
        load("{\"jpmml\": {\"explained\": [{\"reason\": \"\", \"rows\": [1, 2]}]}}").reason());
  }

  @Test
  void load_explanationThatIsNone_isRefused() throws IOException {
    assertEquals(
        "manifest.json has an explanation without a list 'rows'",
        load("{\"jpmml\": {\"explained\": [{\"reason\": \"\"}]}}").reason());
    assertEquals(
        "manifest.json explains the row 1.5, which is no number of a row",
        load("{\"jpmml\": {\"explained\": [{\"rows\": [1.5]}]}}").reason());
  }

  @Test
  void verify_exactEngine_isHeldToExplainedRowsToo() throws Exception {
    byte[] rows = String.join("\n", rows()).getBytes(StandardCharsets.UTF_8);
    byte[] pmml = RepositoryFixture.class.getResourceAsStream("/logistic.pmml").readAllBytes();
    var scorer = Engines.installed().load("jpmml", pmml);
    VerificationSet verification = VerificationSet.read(rows, scorer.contract(), Set.of());

    new Verifier(Agreement.INTERPRETED, Set.of(1)).verify(scorer, verification);
    assertThrows(
        VersionRefused.class,
        () -> new Verifier(Agreement.EXACT, Set.of(1)).verify(scorer, verification));
  }

  private VersionStatus load(String parity) throws IOException {
    new RepositoryFixture(folder)
        .logistic(
            "ranker",
            1,
            rows(),
            manifest ->
                manifest.replace(
                    "\"engine\": \"auto\"", "\"engine\": \"jpmml\", \"parity\": " + parity));
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    repository.load();
    return repository.catalog().status(ID).orElseThrow();
  }

  private static List<String> rows() {
    List<String> rows = new ArrayList<>(RepositoryFixture.LOGISTIC_ROWS);
    rows.set(1, rows.get(1).replace("0.33181222783183389", WRONG));
    return rows;
  }
}
