package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class EnginesTest {
  private static final byte[] PMML = {};

  @Test
  void load_auto_takesTheFirstByPrecedence() {
    Engines engines =
        new Engines(
            List.of(
                engine("slow", 9, () -> scorer("slow")), engine("fast", 0, () -> scorer("fast"))));

    assertEquals("fast", engines.load("auto", PMML).engine());
    assertEquals(List.of("fast", "slow"), engines.names());
  }

  @Test
  void load_autoAndUnsupported_takesTheNextEngine() {
    Engines engines =
        new Engines(
            List.of(engine("slow", 9, () -> scorer("slow")), engine("fast", 0, this::refuse)));

    Engines.Choice choice = engines.choose("auto", PMML);

    assertEquals("slow", choice.scorer().engine());
    assertEquals(
        List.of("TimeSeriesModel"),
        choice.refusals().stream().map(UnsupportedElement::element).toList());
    assertThrows(UnsupportedElement.class, () -> engines.load("fast", PMML));
  }

  @Test
  void load_autoAndInvalidModel_doesNotTryAnother() {
    Engines engines =
        new Engines(
            List.of(
                engine("slow", 9, () -> scorer("slow")),
                engine(
                    "fast",
                    0,
                    () -> {
                      throw new InvalidModel("broken");
                    })));

    assertThrows(InvalidModel.class, () -> engines.load("auto", PMML));
  }

  @Test
  void load_autoAndAllRefuse_isUnsupported() {
    Engines engines = new Engines(List.of(engine("fast", 0, this::refuse)));

    assertThrows(UnsupportedElement.class, () -> engines.load("auto", PMML));
  }

  @Test
  void load_unknownName_namesTheKnownOnes() {
    Engines engines = new Engines(List.of(engine("fast", 0, () -> scorer("fast"))));

    ScoringException error = assertThrows(ScoringException.class, () -> engines.load("fats", PMML));

    assertEquals("unknown_engine", error.code());
    assertEquals("there is no engine 'fats', only fast or auto", error.getMessage());
  }

  private Scorer refuse() {
    throw new UnsupportedElement("TimeSeriesModel", "time series are not implemented");
  }

  private static Engine engine(String name, int precedence, Supplier<Scorer> load) {
    return new Engine() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public int precedence() {
        return precedence;
      }

      @Override
      public Scorer load(byte[] pmml) {
        return load.get();
      }
    };
  }

  private static Scorer scorer(String engine) {
    return new Scorer() {
      @Override
      public String engine() {
        return engine;
      }

      @Override
      public Arithmetic arithmetic() {
        return Arithmetic.JPMML;
      }

      @Override
      public FeatureContract contract() {
        return new FeatureContract(List.of(), List.of());
      }

      @Override
      public ScoreResult score(ColumnBatch batch) {
        return new ScoreResult(batch.rows(), List.of(), List.of(), List.of());
      }
    };
  }
}
