package org.pillion.scoring.pmml.field;

import java.util.ArrayList;
import java.util.List;

/** The steps of a document while they are being compiled, each after those that it needs. */
public final class Program {
  private List<Step> steps = new ArrayList<>();
  private int slots;

  /** A field with a slot of its own. */
  public Field field(String name, ValueType type) {
    return new Field(name, type, slots++);
  }

  public int slots() {
    return slots;
  }

  public void add(Step step) {
    steps.add(step);
  }

  public List<Step> steps() {
    return steps;
  }

  /** Compiles something into a list of its own. */
  public List<Step> nested(Runnable compilation) {
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
