package org.pillion.scoring.spark.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;

/** Collects the columns and kernels of a plan, and drops those that no output needs. */
public final class PlanBuilder {
  /** The longest vectors; a plan that claims longer ones would not fit into memory. */
  private static final int LONGEST_VECTOR = 1 << 24;

  private record Step(
      List<Slot> reads, List<Slot> writes, boolean filters, Kernel kernel, Shortcut shortcut) {}

  private final Session session;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, Slot> scope = new HashMap<>();
  private final Map<Integer, Slot> casts = new HashMap<>();
  private final BitSet inputs = new BitSet();
  private final List<Step> steps = new ArrayList<>();
  private final Map<Integer, IntFunction<Origin>> origins = new HashMap<>();
  private final Map<Integer, Recipe> recipes = new HashMap<>();
  private final Map<Integer, Attribution> attributions = new HashMap<>();
  private final Map<Integer, String> refusals = new HashMap<>();
  private final Map<String, List<String>> vocabularies = new HashMap<>();
  private String stage = "";

  /** A plan without columns, of a pipeline that ran in a session. */
  public PlanBuilder(Session session) {
    this.session = session;
  }

  /** How Spark ran. */
  public Session session() {
    return session;
  }

  /** Dense linear algebra as Spark had it. */
  public Blas blas() {
    return session.blas();
  }

  /** Declares a column that is an input of the contract. */
  public Slot input(String name, SparkType type, int position) {
    Slot slot = slot(name, type, 0, new int[] {position});
    inputs.set(slot.id());
    return slot;
  }

  /** Declares a column of vectors whose elements are inputs of the contract. */
  public Slot vectorInput(String name, int[] positions) {
    Slot slot = slot(name, SparkType.VECTOR, positions.length, positions.clone());
    origins(slot, i -> new Origin("", new int[] {positions[i]}));
    return slot;
  }

  /** Declares a column that is computed from others; it hides an earlier one of its name. */
  public Slot define(String name, SparkType type, int size, List<Slot> sources) {
    return slot(name, type, size, roots(sources));
  }

  /** Declares a column without a name. */
  public Slot temporary(SparkType type, List<Slot> sources) {
    Slot slot = new Slot(slots.size(), "", type, 0, roots(sources));
    slots.add(slot);
    return slot;
  }

  private Slot slot(String name, SparkType type, int size, int[] roots) {
    if (size > LONGEST_VECTOR) {
      throw new UnsupportedElement(
          "size",
          "the plan's column '%s' has vectors of length %d, longer than the %d that are compiled"
              .formatted(name, size, LONGEST_VECTOR));
    }
    Slot slot = new Slot(slots.size(), name, type, size, roots);
    slots.add(slot);
    scope.put(name, slot);
    refusals.put(slot.id(), stage.isEmpty() ? "is an input" : "is made by the stage " + stage);
    return slot;
  }

  private static int[] roots(List<Slot> sources) {
    BitSet roots = new BitSet();
    for (Slot source : sources) {
      for (int root : source.roots()) {
        roots.set(root);
      }
    }
    return roots.stream().toArray();
  }

  /** Says which texts a stage knows of a column; the first stage that reads an input counts. */
  public void vocabulary(Slot slot, List<String> values) {
    if (inputs.get(slot.id())) {
      vocabularies.putIfAbsent(slot.name(), List.copyOf(values));
    }
  }

  /** The texts that the plan's stages know of an input; none where no stage indexes it. */
  public List<String> vocabulary(String input) {
    return vocabularies.getOrDefault(input, List.of());
  }

  /**
   * Says where each element of a column of vectors comes from; without it, each is taken to come
   * from all inputs of the column.
   */
  public void origins(Slot slot, IntFunction<Origin> rule) {
    origins.put(slot.id(), rule);
  }

  /** Where an element of a column comes from; 0 is that of a column which has no vectors. */
  public Origin origin(Slot slot, int element) {
    IntFunction<Origin> rule = origins.get(slot.id());
    return rule == null ? new Origin(slot.name(), slot.roots()) : rule.apply(element);
  }

  /** Says how a column is made. */
  public void made(Slot slot, Recipe recipe) {
    recipes.put(slot.id(), recipe);
  }

  /** How a column is made, where it is made by a stage of a kind; null otherwise. */
  public <R extends Recipe> R recipe(Slot slot, Class<R> kind) {
    Recipe recipe = recipes.get(slot.id());
    return kind.isInstance(recipe) ? kind.cast(recipe) : null;
  }

  /** Says how the values of a column are split over the features of the model that makes them. */
  public void attribute(Slot slot, Attribution attribution) {
    attributions.put(slot.id(), attribution);
  }

  /** How the values of a column are split; null where they are not. */
  public Attribution attribution(Slot slot) {
    return attributions.get(slot.id());
  }

  /** Says why a column is not split, as the ending of a sentence that begins with it. */
  public void refuse(Slot slot, String reason) {
    refusals.put(slot.id(), reason);
  }

  /** Why the values of a column are not split. */
  public String refusal(Slot slot) {
    return refusals.getOrDefault(slot.id(), "has no name in the plan");
  }

  /** Says which stage the columns that follow are made by. */
  public void beginStage(String name) {
    stage = name;
  }

  /** Gives a column another name as well. */
  public void alias(String name, Slot slot) {
    scope.put(name, slot);
  }

  /** Whether there is a column of a name. */
  public boolean has(String name) {
    return scope.containsKey(name);
  }

  /**
   * The column of a name.
   *
   * @throws InvalidModel when there is none
   */
  public Slot column(String name) {
    Slot slot = scope.get(name);
    if (slot == null) {
      throw new InvalidModel("the plan refers to the column '" + name + "', which it has not made");
    }
    return slot;
  }

  /**
   * The column of a name, cast to Spark's double.
   *
   * @throws InvalidModel when there is none, or it is not a number
   */
  public Slot number(String name) {
    return number(column(name));
  }

  /** A column cast to Spark's double. */
  public Slot number(Slot slot) {
    if (slot.type() == SparkType.DOUBLE) {
      return slot;
    }
    return casts.computeIfAbsent(slot.id(), id -> Casts.toDouble(this, slot));
  }

  /**
   * The column of vectors of a name.
   *
   * @throws InvalidModel when there is none, or it is not of vectors
   */
  public Slot vectors(String name) {
    Slot slot = column(name);
    if (slot.type() != SparkType.VECTOR) {
      throw new InvalidModel(
          "the plan's column '%s' is of type %s, not vector".formatted(name, slot.type().text()));
    }
    return slot;
  }

  /**
   * The column of vectors of a name, which must have a length.
   *
   * @throws InvalidModel when it does not
   */
  public Slot vectors(String name, int size) {
    Slot slot = vectors(name);
    if (slot.size() != size) {
      throw new InvalidModel(
          "the plan's column '%s' has vectors of length %d, not %d"
              .formatted(name, slot.size(), size));
    }
    return slot;
  }

  /** Adds a kernel that computes columns. */
  public void step(List<Slot> reads, List<Slot> writes, Kernel kernel) {
    steps.add(new Step(List.copyOf(reads), List.copyOf(writes), false, kernel, null));
  }

  /** Gives the last kernel that was added another way to compute its columns. */
  public void shorten(Shortcut shortcut) {
    Step last = steps.remove(steps.size() - 1);
    steps.add(new Step(last.reads, last.writes, last.filters, last.kernel, shortcut));
  }

  /** Adds a kernel that fails rows which Spark drops; it runs whatever the outputs are. */
  public void filter(List<Slot> reads, Kernel kernel) {
    steps.add(new Step(List.copyOf(reads), List.of(), true, kernel, null));
  }

  /** The kernels that the given columns need, in order. */
  public Program program(List<Slot> outputs) {
    return program(outputs, false);
  }

  /**
   * The same by shortcuts, without the columns that only the stages in between need; null where no
   * stage has a shortcut. A frame in which a shortcut {@linkplain Frame#decline() declines} is
   * computed by {@link #program} instead.
   */
  public Program shortcut(List<Slot> outputs) {
    boolean any = steps.stream().anyMatch(step -> step.shortcut != null);
    return any ? program(outputs, true) : null;
  }

  private Program program(List<Slot> outputs, boolean shortcuts) {
    BitSet wanted = new BitSet();
    outputs.forEach(slot -> wanted.set(slot.id()));
    BitSet live = (BitSet) wanted.clone();
    List<Program.Step> needed = new ArrayList<>();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (step.filters || step.writes.stream().anyMatch(slot -> live.get(slot.id()))) {
        Shortcut shortcut = shortcuts ? step.shortcut : null;
        List<Slot> reads = shortcut == null ? step.reads : shortcut.reads();
        Kernel kernel = shortcut == null ? step.kernel : shortcut.kernel();
        needed.add(0, new Program.Step(reads, step.writes, kernel));
        reads.forEach(slot -> live.set(slot.id()));
      }
    }
    int[][] roots = slots.stream().map(Slot::roots).toArray(int[][]::new);
    return new Program(needed, roots, live, wanted);
  }

  /** Slots as a list; null ones are left out. */
  public static List<Slot> slots(Slot... slots) {
    return Stream.of(slots).filter(slot -> slot != null).toList();
  }
}
