package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.scoring.Engines;

final class ModelRepositoryTest {
  private static final VersionId RANKER_1 = new VersionId("ranker", 1);

  @TempDir Path folder;

  @Test
  void load_goodVersions_areReadyAndTheHighestServes() throws IOException {
    fixture().logistic("ranker", 2);
    fixture().logistic("ranker", 10);
    fixture().tree("pricer", 1);

    ModelRepository repository = loaded();
    Catalog catalog = repository.catalog();

    assertTrue(catalog.ready(), () -> catalog.statuses().toString());
    assertEquals(Set.of(2L, 10L), catalog.readyVersions("ranker"));
    assertEquals(10, catalog.serving("ranker").orElseThrow().id().version());
    assertEquals(2, catalog.version(new VersionId("ranker", 2)).orElseThrow().id().version());
    VersionStatus status = catalog.status(new VersionId("pricer", 1)).orElseThrow();
    assertEquals("jpmml", status.engine());
    assertEquals(4, status.rowsVerified());
  }

  @Test
  void load_badVersion_isRefusedWithItsReasonAndHarmsNoOther() throws IOException {
    fixture().logistic("ranker", 1);
    Path second = fixture().logistic("ranker", 2);
    Files.writeString(second.resolve("model.pmml"), "<PMML/>");

    Catalog catalog = loaded().catalog();

    assertEquals(1, catalog.serving("ranker").orElseThrow().id().version());
    assertEquals(
        "model.pmml does not have the SHA-256 that the manifest lists",
        catalog.status(new VersionId("ranker", 2)).orElseThrow().reason());
    assertTrue(catalog.ready());
  }

  @Test
  void load_modelWithoutReadyVersion_makesTheRepositoryNotReady() throws IOException {
    fixture().tree("pricer", 1);
    fixture().logistic("ranker", 1, List.of("{}"), UnaryOperator.identity());

    assertFalse(loaded().catalog().ready());
  }

  @Test
  void load_emptyRepository_isNotReady() throws IOException {
    assertFalse(loaded().catalog().ready());
  }

  @Test
  void load_noFolder_fails() {
    ModelRepository repository = new ModelRepository(folder.resolve("absent"), Engines.installed());

    assertThrows(IOException.class, repository::load);
  }

  @Test
  void load_namesThatAreNoVersions_areNamedAndHarmNoOther() throws IOException {
    Path good = fixture().logistic("ranker", 1);
    List<String> names = List.of("-2", "0", "0000002", "01", "2.tmp", "9223372036854775808", "v4");
    for (String name : names) {
      Files.createDirectories(good.resolveSibling(name));
    }
    Files.createDirectories(good.resolveSibling(".3"));
    Files.createDirectories(folder.resolve(".hidden/1"));
    Files.createDirectories(folder.resolve("drafts"));
    Files.writeString(folder.resolve("README"), "no model");
    Files.writeString(good.resolveSibling("NOTES"), "no version");

    Catalog catalog = loaded().catalog();

    assertEquals(List.of(RANKER_1), catalog.statuses().stream().map(VersionStatus::id).toList());
    assertEquals(names, catalog.problems().stream().map(FolderProblem::folder).toList());
    FolderProblem problem = catalog.problems().get(6);
    assertEquals("ranker", problem.model());
    assertEquals(FolderProblem.Kind.NOT_A_VERSION, problem.kind());
    assertEquals(
        "the folder's name is not a whole number from 1 to 9223372036854775807"
            + " without leading zeros",
        problem.reason());
    assertTrue(catalog.ready());
  }

  @Test
  void load_versionsOfManyDigits_serve() throws IOException {
    for (long version : new long[] {1, 1_700_000_001L, 5_000_000_000L, Long.MAX_VALUE}) {
      fixture().logistic("ranker", version);
    }

    Catalog catalog = loaded().catalog();

    assertEquals(Long.MAX_VALUE, catalog.serving("ranker").orElseThrow().id().version());
    assertEquals(
        Set.of(1L, 1_700_000_001L, 5_000_000_000L, Long.MAX_VALUE),
        catalog.readyVersions("ranker"));
    assertTrue(catalog.problems().isEmpty());
  }

  @Test
  void load_folderThatCannotBeRead_isNamedAndHarmsNoOther() throws IOException {
    fixture().logistic("ranker", 1);
    Files.createSymbolicLink(folder.resolve("lost+found"), Path.of("lost+found"));

    Catalog catalog = loaded().catalog();

    assertTrue(catalog.ready());
    FolderProblem problem = catalog.problems().get(0);
    assertEquals("lost+found", problem.model());
    assertEquals(FolderProblem.Kind.UNREADABLE, problem.kind());
    assertTrue(
        problem.reason().startsWith("the folder cannot be read (Too many levels"),
        problem.reason());
  }

  @Test
  void reload_storageFails_goesOnServingUntilTheVersionIsSeenToBeGone() throws IOException {
    Path version = fixture().logistic("ranker", 1);
    ModelRepository repository = loaded();
    ModelVersion before = repository.catalog().serving("ranker").orElseThrow();
    Path elsewhere = Files.createDirectory(folder.resolve(".elsewhere"));
    Path model = version.getParent();

    for (Path broken : List.of(version.resolve("model.pmml"), version, model)) {
      Path kept = elsewhere.resolve(broken.getFileName());
      Files.move(broken, kept);
      Files.createSymbolicLink(broken, broken.getFileName());

      assertTrue(repository.reload().unchanged(), broken.toString());
      assertSame(before, repository.catalog().serving("ranker").orElseThrow());
      VersionStatus status = repository.catalog().status(RANKER_1).orElseThrow();
      assertTrue(status.ready());
      assertTrue(status.reason().startsWith("goes on serving what was loaded; "), status.reason());
      assertEquals(1, repository.catalog().problems().size());

      Files.delete(broken);
      Files.move(kept, broken);
      assertTrue(repository.reload().unchanged(), broken.toString());
      assertEquals("", repository.catalog().status(RANKER_1).orElseThrow().reason());
      assertTrue(repository.catalog().problems().isEmpty());
    }

    Files.move(folder, folder.resolveSibling(folder.getFileName() + ".away"));
    try {
      assertThrows(IOException.class, repository::reload);
      assertSame(before, repository.catalog().serving("ranker").orElseThrow());
      assertEquals(
          "goes on serving what was loaded; the repository cannot be read (NoSuchFileException)",
          repository.catalog().status(RANKER_1).orElseThrow().reason());
    } finally {
      Files.move(folder.resolveSibling(folder.getFileName() + ".away"), folder);
    }
    assertTrue(repository.reload().unchanged());
    Files.move(model, elsewhere.resolve("ranker"));
    assertEquals(List.of(RANKER_1), repository.reload().removed());
  }

  @Test
  void load_versionThatCannotBeRead_saysSoOnceAndIsLoadedLater() throws IOException {
    Path version = fixture().logistic("ranker", 1);
    Path manifest = version.resolve("manifest.json");
    Path kept = Files.move(manifest, version.resolve(".manifest"));
    Files.createSymbolicLink(manifest, manifest.getFileName());
    ModelRepository repository = loaded();

    String reason = repository.catalog().status(RANKER_1).orElseThrow().reason();

    assertTrue(reason.startsWith("manifest.json cannot be read (Too many levels"), reason);
    assertTrue(repository.reload().unchanged());
    Files.delete(manifest);
    Files.move(kept, manifest);
    assertEquals(1, repository.reload().loaded().size());
  }

  @Test
  void document_isTheOneThatServes_whateverTheRepositoryHas() throws IOException {
    Path version = fixture().logistic("ranker", 1);
    byte[] pmml = Files.readAllBytes(version.resolve("model.pmml"));
    ModelRepository repository = loaded();
    Files.writeString(version.resolve("model.pmml"), "<PMML/>");
    repository.reload();

    Document document = repository.catalog().serving("ranker").orElseThrow().document();

    assertArrayEquals(pmml, document.pmml());
    assertEquals("classification", document.miningFunction().orElseThrow());
    assertTrue(Document.of("<PMML/>".getBytes(StandardCharsets.UTF_8)).miningFunction().isEmpty());
  }

  @Test
  void load_halfWritten_saysWhatIsMissing() throws IOException {
    for (String file : List.of("manifest.json", "model.pmml", "verification.jsonl")) {
      Files.delete(fixture().logistic("ranker", 1).resolve(file));

      assertEquals(file + " is missing", reason());
    }
  }

  @Test
  void load_wrongManifest_saysWhatIsWrong() throws IOException {
    assertEquals(
        "manifest.json has format 2, but only 1 is known",
        reason("\"format\": 1", "\"format\": 2"));
    assertEquals(
        "the manifest is for version 1 of 'other', but the folder for version 1 of 'ranker'",
        reason("\"ranker\"", "\"other\""));
    assertEquals(
        "the manifest declares the input 'age' with type float, but the document says double",
        reason("\"age\", \"type\": \"double\"", "\"age\", \"type\": \"float\""));
    assertEquals(
        "the manifest declares the input 'height', which the document does not have",
        reason("{\"name\": \"age\"", "{\"name\": \"height\""));
    assertEquals(
        "the document has the input 'age', which the manifest does not declare",
        reason("{\"name\": \"age\", \"type\": \"double\"},", ""));
    assertEquals(
        "the manifest declares other valid values of the input 'color' than the document",
        reason("\"green\", ", ""));
    assertEquals(
        "the manifest declares the output 'score', which the document does not have",
        reason("{\"name\": \"prediction\"", "{\"name\": \"score\""));
    assertEquals(
        "there is no engine 'turbo', only jpmml or auto",
        reason("\"engine\": \"auto\"", "\"engine\": \"turbo\""));
    assertEquals(
        "it is cleared for no engine: when it was exported, none gave what Spark gave",
        reason("\"engine\": \"auto\"", "\"engine\": \"none\""));
    assertTrue(reason("\"format\"", "format").startsWith("manifest.json is not valid JSON"));
  }

  @Test
  void load_rowThatDiffers_namesRowOutputAndValues() throws IOException {
    List<String> rows =
        RepositoryFixture.LOGISTIC_ROWS.stream()
            .map(row -> row.replace("0.33181222783183389", "0.331812227832"))
            .toList();

    assertEquals(
        "verification row 1, output 'probability(1)': "
            + "expected 0.331812227832 but got 0.3318122278318339",
        reason(rows));
  }

  @Test
  void load_rowThatOnlyTheEngineRefuses_isAReason() throws IOException {
    List<String> rows =
        RepositoryFixture.LOGISTIC_ROWS.stream()
            .map(row -> row.replace("\"green\"", "\"violet\""))
            .toList();

    assertEquals(
        "verification row 1 cannot be scored: the field 'color' does not accept the value 'violet'",
        reason(rows));
  }

  @Test
  void load_rowsThatVerifyNothing_areRefused() throws IOException {
    assertEquals("verification.jsonl has no rows", reason(List.of("")));
    assertEquals(
        "verification.jsonl expects no output",
        reason(List.of("{\"input\": {\"color\": \"red\"}, \"expected\": {}}")));
    assertEquals(
        "verification row 0 expects 'score', which is not an output",
        reason(List.of("{\"input\": {}, \"expected\": {\"score\": 1}}")));
    assertEquals(
        "verification row 0 has the field 'colour', which is not an input",
        reason(List.of("{\"input\": {\"colour\": \"red\"}, \"expected\": {\"prediction\": 1}}")));
    assertEquals(
        "verification row 0, input 'age' is not of type double: 30",
        reason(List.of("{\"input\": {\"age\": \"30\"}, \"expected\": {\"prediction\": 1}}")));
    assertEquals(
        "verification row 0, output 'prediction': expected null but got 1.0",
        reason(
            List.of(
                "{\"input\": {\"color\": \"red\", \"visits\": 9}, \"expected\":"
                    + " {\"prediction\": null}}")));
  }

  @Test
  void reload_nothingChanged_keepsEveryScorer() throws IOException {
    fixture().logistic("ranker", 1);
    ModelRepository repository = loaded();
    ModelVersion before = repository.catalog().serving("ranker").orElseThrow();

    assertTrue(repository.reload().unchanged());
    assertSame(before, repository.catalog().serving("ranker").orElseThrow());
  }

  @Test
  void reload_newVersion_takesOverWhileAHeldCatalogStays() throws IOException {
    fixture().logistic("ranker", 1);
    ModelRepository repository = loaded();
    Catalog held = repository.catalog();
    fixture().logistic("ranker", 2);

    ReloadReport report = repository.reload();

    assertEquals(1, report.loaded().size());
    assertEquals(2, repository.catalog().serving("ranker").orElseThrow().id().version());
    assertEquals(1, held.serving("ranker").orElseThrow().id().version());
  }

  @Test
  void reload_brokenContent_keepsServingTheFormerAndSaysWhy() throws IOException {
    Path version = fixture().logistic("ranker", 1);
    ModelRepository repository = loaded();
    ModelVersion before = repository.catalog().serving("ranker").orElseThrow();
    Files.writeString(version.resolve("model.pmml"), "<PMML/>");

    ReloadReport report = repository.reload();

    assertEquals(1, report.refused().size());
    assertSame(before, repository.catalog().serving("ranker").orElseThrow());
    VersionStatus status = repository.catalog().status(RANKER_1).orElseThrow();
    assertTrue(status.ready());
    assertTrue(status.reason().startsWith("serves its former content"));
    assertTrue(repository.reload().unchanged());
  }

  @Test
  void reload_repairedContent_isTaken() throws IOException {
    Path version = fixture().logistic("ranker", 1);
    Files.writeString(version.resolve("model.pmml"), "<PMML/>");
    ModelRepository repository = loaded();
    assertFalse(repository.catalog().ready());

    fixture().logistic("ranker", 1);
    repository.reload();

    assertTrue(repository.catalog().ready());
  }

  @Test
  void reload_otherGoodContent_replacesTheFormer() throws IOException {
    fixture().logistic("ranker", 1);
    ModelRepository repository = loaded();
    ModelVersion before = repository.catalog().serving("ranker").orElseThrow();
    fixture()
        .logistic(
            "ranker", 1, RepositoryFixture.LOGISTIC_ROWS.subList(0, 1), UnaryOperator.identity());

    repository.reload();

    assertNotSame(before, repository.catalog().serving("ranker").orElseThrow());
    assertEquals(1, repository.catalog().status(RANKER_1).orElseThrow().rowsVerified());
  }

  @Test
  void reload_removedVersion_isGone() throws IOException {
    fixture().logistic("ranker", 1);
    Path second = fixture().logistic("ranker", 2);
    ModelRepository repository = loaded();
    Files.move(second, second.resolveSibling("2.withdrawn"));

    ReloadReport report = repository.reload();

    assertEquals(List.of(new VersionId("ranker", 2)), report.removed());
    assertEquals(1, repository.catalog().serving("ranker").orElseThrow().id().version());
  }

  private RepositoryFixture fixture() {
    return new RepositoryFixture(folder);
  }

  private ModelRepository loaded() throws IOException {
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    repository.load();
    return repository;
  }

  private String reason() throws IOException {
    VersionStatus status = loaded().catalog().status(RANKER_1).orElseThrow();
    assertEquals(VersionStatus.State.UNAVAILABLE, status.state());
    return status.reason();
  }

  private String reason(String old, String replacement) throws IOException {
    fixture()
        .logistic(
            "ranker",
            1,
            RepositoryFixture.LOGISTIC_ROWS,
            manifest -> manifest.replaceFirst(Pattern.quote(old), replacement));
    return reason();
  }

  private String reason(List<String> rows) throws IOException {
    fixture().logistic("ranker", 1, rows, UnaryOperator.identity());
    return reason();
  }
}
