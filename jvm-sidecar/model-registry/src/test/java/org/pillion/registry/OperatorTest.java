package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.scoring.Engine;
import org.pillion.scoring.Engines;
import org.pillion.scoring.Scorer;

/** An operator's decision takes effect at once, and survives a restart. */
final class OperatorTest {
  @TempDir Path folder;

  @Test
  void promote_lowerVersion_servesAndStaysWhenANewOneAppears() throws Exception {
    ModelRepository repository = threeVersions();

    ServingChange change = repository.promote("ranker", 1);

    assertEquals(new ServingChange("ranker", OptionalLong.of(3), OptionalLong.of(1)), change);
    new RepositoryFixture(folder).logistic("ranker", 4);
    repository.reload();
    assertEquals(1, serving(repository));
    assertEquals(Set.of(1L, 2L, 3L, 4L), repository.catalog().readyVersions("ranker"));
    assertTrue(repository.catalog().pinned("ranker"));
  }

  @Test
  void promote_newest_followsNewVersionsAgain() throws Exception {
    ModelRepository repository = threeVersions();
    repository.promote("ranker", 1);

    repository.promote("ranker", 0);

    assertEquals(3, serving(repository));
    new RepositoryFixture(folder).logistic("ranker", 4);
    repository.reload();
    assertEquals(4, serving(repository));
  }

  @Test
  void rollback_goesToTheLowerVersionStepByStep_andThenRefuses() throws Exception {
    ModelRepository repository = threeVersions();

    assertEquals(OptionalLong.of(2), repository.rollback("ranker", 0).serving());
    assertEquals(OptionalLong.of(1), repository.rollback("ranker", 0).serving());
    ChangeRefused refusal =
        assertThrows(ChangeRefused.class, () -> repository.rollback("ranker", 0));

    assertEquals("the model 'ranker' has no version to go back to", refusal.getMessage());
    assertEquals(ChangeRefused.Kind.NOT_POSSIBLE, refusal.kind());
    assertEquals(1, serving(repository));
  }

  @Test
  void rollback_afterAPromotion_goesToWhatItReplaced() throws Exception {
    ModelRepository repository = threeVersions();
    repository.promote("ranker", 1);

    assertEquals(OptionalLong.of(3), repository.rollback("ranker", 0).serving());
    assertEquals(OptionalLong.of(2), repository.rollback("ranker", 0).serving());
  }

  @Test
  void rollback_isTheScorerThatWasWarmAllAlong() throws Exception {
    ModelRepository repository = threeVersions();
    Scorer second = repository.catalog().version(new VersionId("ranker", 2)).orElseThrow().scorer();

    repository.rollback("ranker", 0);

    assertSame(second, repository.catalog().serving("ranker").orElseThrow().scorer());
  }

  @Test
  void decisions_surviveARestart() throws Exception {
    ModelRepository repository = threeVersions();
    repository.promote("ranker", 1);
    repository.rollback("ranker", 0);
    repository.rollback("ranker", 0);

    ModelRepository restarted = loaded();

    assertEquals(2, serving(restarted));
    assertEquals(OptionalLong.of(1), restarted.catalog().previous("ranker"));
  }

  @Test
  void decisions_ofAnotherProcess_areTakenOver() throws Exception {
    ModelRepository repository = threeVersions();
    ModelRepository other = loaded();

    other.promote("ranker", 2);
    repository.reload();

    assertEquals(2, serving(repository));
  }

  @Test
  void pinnedVersionThatIsGone_isReplacedByTheNearestLowerOne() throws Exception {
    ModelRepository repository = threeVersions();
    repository.promote("ranker", 2);
    Path second = folder.resolve("ranker/2");
    Files.move(second, second.resolveSibling("withdrawn"));

    repository.reload();

    assertEquals(1, serving(repository));
  }

  @Test
  void promote_whatCannotServe_isRefusedAndChangesNothing() throws Exception {
    ModelRepository repository = threeVersions();
    new RepositoryFixture(folder).logistic("ranker", 4, List.of("{}"), UnaryOperator.identity());
    repository.reload();

    ChangeRefused bad = assertThrows(ChangeRefused.class, () -> repository.promote("ranker", 4));
    ChangeRefused absent = assertThrows(ChangeRefused.class, () -> repository.promote("ranker", 9));
    ChangeRefused nobody = assertThrows(ChangeRefused.class, () -> repository.promote("nobody", 1));

    assertTrue(bad.getMessage().startsWith("version 4 of the model 'ranker' is not ready: line 1"));
    assertEquals(ChangeRefused.Kind.NOT_POSSIBLE, bad.kind());
    assertEquals("the model 'ranker' has no version 9", absent.getMessage());
    assertEquals("there is no model 'nobody'", nobody.getMessage());
    assertEquals(ChangeRefused.Kind.UNKNOWN, nobody.kind());
    assertEquals(3, serving(repository));
    assertFalse(Files.exists(folder.resolve(ModelRepository.STATE)));
  }

  @Test
  void promote_whereNothingCanBeWritten_isRefusedAndChangesNothing() throws Exception {
    new RepositoryFixture(folder).logistic("ranker", 1);
    new RepositoryFixture(folder).logistic("ranker", 2);
    Path state = folder.resolve("absent/state.json");
    ModelRepository repository =
        new ModelRepository(folder, state, Set.of(), Engines.installed(), Optional.empty());
    repository.load();

    ChangeRefused refusal =
        assertThrows(ChangeRefused.class, () -> repository.rollback("ranker", 0));

    assertEquals(ChangeRefused.Kind.NOT_KEPT, refusal.kind());
    assertEquals(2, serving(repository));
  }

  @Test
  void unload_letsGoAcrossRestarts_andLoadBringsItBack() throws Exception {
    ModelRepository repository = threeVersions();
    new RepositoryFixture(folder).tree("pricer", 1);
    repository.reload();

    repository.unload("ranker");

    assertTrue(repository.catalog().serving("ranker").isEmpty());
    assertTrue(repository.catalog().ready());
    assertTrue(repository.reload().unchanged());
    ModelRepository restarted = loaded();
    assertTrue(restarted.catalog().serving("ranker").isEmpty());
    assertEquals(
        "unloaded", restarted.catalog().status(new VersionId("ranker", 3)).orElseThrow().reason());

    assertEquals(3, restarted.load("ranker").loaded().size());
    assertEquals(3, serving(restarted));
    repository.reload();
    assertEquals(3, serving(repository));
  }

  @Test
  void load_whileItIsUnderWay_knowsTheModel_andLeavesTheOthersReady() throws Exception {
    threeVersions();
    new RepositoryFixture(folder).tree("pricer", 1);
    SlowEngine engine = new SlowEngine();
    ModelRepository repository = new ModelRepository(folder, new Engines(List.of(engine)));
    repository.load();
    repository.unload("ranker");
    engine.slow = true;
    FutureTask<ReloadReport> load = new FutureTask<>(() -> repository.load("ranker"));
    new Thread(load, "load").start();
    assertTrue(engine.loading.await(30, TimeUnit.SECONDS));

    Catalog catalog = repository.catalog();

    engine.goOn.countDown();
    assertEquals(3, load.get(30, TimeUnit.SECONDS).loaded().size());
    VersionStatus status = catalog.status(new VersionId("ranker", 3)).orElseThrow();
    assertTrue(catalog.knows("ranker"));
    assertEquals(VersionStatus.State.LOADING, status.state());
    assertTrue(catalog.ready());
  }

  @Test
  void load_modelThatIsRefused_saysWhy() throws Exception {
    new RepositoryFixture(folder).logistic("ranker", 1, List.of("{}"), UnaryOperator.identity());
    ModelRepository repository = loaded();

    ChangeRefused refusal = assertThrows(ChangeRefused.class, () -> repository.load("ranker"));

    assertTrue(
        refusal.getMessage().startsWith("the model 'ranker' was refused; version 1: line 1"),
        refusal.getMessage());
    assertThrows(ChangeRefused.class, () -> repository.load("nobody"));
  }

  @Test
  void load_modelThatWasPublishedJustNow_isFound() throws Exception {
    ModelRepository repository = loaded();
    new RepositoryFixture(folder).logistic("ranker", 1);

    assertEquals(1, repository.load("ranker").loaded().size());
  }

  @Test
  void ready_whereModelsAreNamed_isAboutThem() throws Exception {
    new RepositoryFixture(folder).logistic("other", 1, List.of("{}"), UnaryOperator.identity());
    Path state = folder.resolve(ModelRepository.STATE);
    ModelRepository repository =
        new ModelRepository(folder, state, Set.of("ranker"), Engines.installed(), Optional.empty());
    repository.load();
    assertFalse(repository.catalog().ready());

    new RepositoryFixture(folder).logistic("ranker", 1);
    repository.reload();

    assertTrue(repository.catalog().ready());
  }

  @Test
  void start_stateThatMakesNoSense_isRefused() throws Exception {
    new RepositoryFixture(folder).logistic("ranker", 1);
    for (String state :
        List.of(
            "",
            "{",
            "{\"format\": 2, \"models\": {}}",
            "{\"format\": 1}",
            "{\"format\": 1, \"models\": {\"ranker\": 7}}",
            "{\"format\": 1, \"models\": {\"ranker\": {\"pinned\": -1}}}",
            "{\"format\": 1, \"models\": {\"ranker\": {\"history\": [\"1\"]}}}")) {
      Files.writeString(folder.resolve(ModelRepository.STATE), state);

      assertThrows(IOException.class, this::loaded, state);
    }
  }

  @Test
  void rollback_whileAnotherVersionIsBeingLoaded_doesNotWaitForIt() throws Exception {
    threeVersions();
    SlowEngine engine = new SlowEngine();
    ModelRepository repository = new ModelRepository(folder, new Engines(List.of(engine)));
    repository.load();
    engine.slow = true;
    new RepositoryFixture(folder).logistic("ranker", 4);
    FutureTask<ReloadReport> reload = new FutureTask<>(repository::reload);
    new Thread(reload, "reload").start();
    assertTrue(engine.loading.await(30, TimeUnit.SECONDS));

    assertEquals(OptionalLong.of(2), repository.rollback("ranker", 0).serving());

    engine.goOn.countDown();
    assertEquals(1, reload.get(30, TimeUnit.SECONDS).loaded().size());
    assertEquals(2, serving(repository));
  }

  /** The interpreter, which can be held in the middle of a load. */
  private static final class SlowEngine implements Engine {
    private final CountDownLatch loading = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile boolean slow;

    @Override
    public String name() {
      return "jpmml";
    }

    @Override
    public int precedence() {
      return 0;
    }

    @Override
    public Scorer load(byte[] pmml) {
      if (slow) {
        loading.countDown();
        try {
          assertTrue(goOn.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      return Engines.installed().load("jpmml", pmml);
    }
  }

  private ModelRepository threeVersions() throws IOException {
    for (int version = 1; version <= 3; version++) {
      new RepositoryFixture(folder).logistic("ranker", version);
    }
    return loaded();
  }

  private ModelRepository loaded() throws IOException {
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    repository.load();
    return repository;
  }

  private static long serving(ModelRepository repository) {
    return repository.catalog().serving("ranker").orElseThrow().id().version();
  }
}
