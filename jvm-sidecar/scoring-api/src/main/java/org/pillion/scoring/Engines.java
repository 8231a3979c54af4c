package org.pillion.scoring;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The engines that are installed, and the choice between them. */
public final class Engines {
  /** The choice of the first engine that supports the document. */
  public static final String AUTO = "auto";

  private final List<Engine> engines;

  /**
   * The engine's scorer for a document.
   *
   * @param scorer the loaded document
   * @param refusals refusals of the engines that were tried before, in order
   */
  public record Choice(Scorer scorer, List<UnsupportedElement> refusals) {
    public Choice {
      refusals = List.copyOf(refusals);
    }
  }

  /** The given engines, in the order of their precedence. */
  public Engines(List<Engine> engines) {
    this.engines = engines.stream().sorted(Comparator.comparingInt(Engine::precedence)).toList();
  }

  /** The engines next to this class on its class loader, which may be an isolated one. */
  public static Engines installed() {
    List<Engine> found = new ArrayList<>();
    ServiceLoader.load(Engine.class, Engines.class.getClassLoader()).forEach(found::add);
    return new Engines(found);
  }

  /** Names of the engines, in the order in which {@code auto} tries them. */
  public List<String> names() {
    return engines.stream().map(Engine::name).distinct().toList();
  }

  /**
   * Loads a document; see {@link #choose}.
   *
   * @param name an engine's name or {@link #AUTO}
   */
  public Scorer load(String name, byte[] pmml) {
    return choose(name, pmml).scorer();
  }

  /**
   * Loads a document, and returns which engines refused it.
   *
   * @param name an engine's name or {@link #AUTO}
   * @throws InvalidModel when the document is bad
   * @throws UnsupportedElement when no engine that may be chosen supports it
   * @throws ScoringException when there is no engine of that name
   */
  public Choice choose(String name, byte[] pmml) {
    List<UnsupportedElement> refusals = new ArrayList<>();
    for (Engine engine : named(name)) {
      if (engine.reads(pmml)) {
        try {
          return new Choice(engine.load(pmml), refusals);
        } catch (UnsupportedElement e) {
          refusals.add(e);
        }
      }
    }
    if (refusals.isEmpty()) {
      throw new UnsupportedElement("PMML", "no engine that is installed reads such documents");
    }
    throw refusals.size() == 1 ? refusals.get(0) : joined(refusals);
  }

  /** What every engine lacks: the first would have been the fastest, the last takes the most. */
  private static UnsupportedElement joined(List<UnsupportedElement> refusals) {
    return new UnsupportedElement(
        refusals.get(0).element(),
        refusals.stream().map(UnsupportedElement::getMessage).collect(Collectors.joining("; ")));
  }

  private List<Engine> named(String name) {
    List<Engine> named =
        engines.stream().filter(e -> AUTO.equals(name) || e.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new ScoringException(
          "unknown_engine",
          engines.isEmpty()
              ? "no engine is installed"
              : "there is no engine '%s', only %s or %s"
                  .formatted(name, String.join(", ", names()), AUTO),
          false,
          null);
    }
    return named;
  }
}
