package org.pillion.scoring.compiled.pmml;

import java.util.ArrayList;
import java.util.List;

/** The steps of a document while they are being compiled, each after those that it needs. */
final class Program {
  private List<Step> steps = new ArrayList<>();
  private int slots;

  /** A field with a slot of its own. */
  Field field(String name, ValueType type) {
    return new Field(name, type, slots++);
  }

  int slots() {
    return slots;
  }

  void add(Step step) {
    steps.add(step);
  }

  List<Step> steps() {
    return steps;
  }

  /** Compiles something into a list of its own. */
  List<Step> nested(Runnable compilation) {
    List<Step> outer = steps;
    List<Step> inner = new ArrayList<>();
    steps = inner;
    try {
      compilation.run();
    } finally {
      steps = outer;
    }
    return inner;
  }
}
