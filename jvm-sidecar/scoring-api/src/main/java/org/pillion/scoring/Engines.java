package org.pillion.scoring;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The engines that are installed, and the choice between them. */
public final class Engines {
  /** The choice of the first exact engine that supports the document, else the interpreter. */
  public static final String AUTO = "auto";

  private final List<Engine> engines;

  /** The given engines; exact ones are tried first, otherwise in the given order. */
  public Engines(List<Engine> engines) {
    this.engines = engines.stream().sorted(Comparator.comparing((Engine e) -> !e.exact())).toList();
  }

  /** The engines next to this class on its class loader, which may be an isolated one. */
  public static Engines installed() {
    List<Engine> found = new ArrayList<>();
    ServiceLoader.load(Engine.class, Engines.class.getClassLoader()).forEach(found::add);
    return new Engines(found);
  }

  /** Names of the engines, in the order in which {@code auto} tries them. */
  public List<String> names() {
    return engines.stream().map(Engine::name).toList();
  }

  /**
   * Whether an engine promises the training system's bits.
   *
   * @throws ScoringException when there is no engine of that name
   */
  public boolean isExact(String name) {
    return find(name).exact();
  }

  /**
   * Loads a document.
   *
   * @param name an engine's name or {@link #AUTO}
   * @throws InvalidModel when the document is bad
   * @throws UnsupportedElement when no engine that may be chosen supports it
   * @throws ScoringException when there is no engine of that name
   */
  public Scorer load(String name, byte[] pmml) {
    if (!AUTO.equals(name)) {
      return find(name).load(pmml);
    }
    UnsupportedElement refusal = null;
    for (Engine engine : engines) {
      try {
        return engine.load(pmml);
      } catch (UnsupportedElement e) {
        refusal = e;
      }
    }
    if (refusal != null) {
      throw refusal;
    }
    throw new ScoringException("unknown_engine", "no engine is installed", false, null);
  }

  private Engine find(String name) {
    for (Engine engine : engines) {
      if (engine.name().equals(name)) {
        return engine;
      }
    }
    String known =
        engines.stream().map(Engine::name).collect(Collectors.joining(", ", "", " or " + AUTO));
    throw new ScoringException(
        "unknown_engine", "there is no engine '" + name + "', only " + known, false, null);
  }
}
