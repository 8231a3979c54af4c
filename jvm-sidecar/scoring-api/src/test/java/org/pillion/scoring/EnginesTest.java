package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
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

  @Test
  void load_sharedName_takesTheEngineThatReadsTheDocument() {
    Engines engines =
        new Engines(
            List.of(
                reading(new byte[] {1}, "fast", () -> scorer("other")),
                reading(PMML, "fast", () -> scorer("fast"))));

    assertEquals("fast", engines.load("fast", PMML).engine());
    assertEquals(List.of(), engines.choose("auto", PMML).refusals());
    assertEquals(List.of("fast"), engines.names());
  }

  @Test
  void load_noEngineReadsTheDocument_isUnsupported() {
    Engines engines = new Engines(List.of(reading(new byte[] {1}, "fast", () -> scorer("fast"))));

    assertThrows(UnsupportedElement.class, () -> engines.load("fast", PMML));
    assertThrows(UnsupportedElement.class, () -> engines.load("auto", PMML));
  }

  private Scorer refuse() {
    throw new UnsupportedElement("TimeSeriesModel", "time series are not implemented");
  }

  private static Engine engine(String name, int precedence, Supplier<Scorer> load) {
    return engine(name, precedence, pmml -> true, load);
  }

  private static Engine reading(byte[] document, String name, Supplier<Scorer> load) {
    return engine(name, 0, pmml -> Arrays.equals(pmml, document), load);
  }

  private static Engine engine(
      String name, int precedence, Predicate<byte[]> reads, Supplier<Scorer> load) {
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
      public boolean reads(byte[] pmml) {
        return reads.test(pmml);
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
