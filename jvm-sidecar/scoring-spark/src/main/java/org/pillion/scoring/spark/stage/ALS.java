package org.pillion.scoring.spark.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The product of a user's and an item's factors, in single precision. */
final class ALS {
  /**
   * Factors by id.
   *
   * @param places where the factors of an id begin
   */
  private record Factors(Map<Integer, Integer> places, float[] values) {
    static Factors of(Element element, int rank) {
      int[] ids = element.ints("ids");
      double[] wide = element.doubles("values");
      if (wide.length != Math.multiplyExact(ids.length, rank)) {
        throw new InvalidModel("the plan's als has other factors than ids");
      }
      Map<Integer, Integer> places = new HashMap<>();
      for (int i = 0; i < ids.length; i++) {
        if (places.put(ids[i], i * rank) != null) {
          throw new InvalidModel("the plan's als has the id " + ids[i] + " twice");
        }
      }
      float[] values = new float[wide.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) wide[i];
      }
      return new Factors(places, values);
    }
  }

  private final Slot user;
  private final Slot item;
  private final Slot target;
  private final int rank;
  private final Factors users;
  private final Factors items;
  private final boolean drops;

  private ALS(Element model, PlanBuilder plan) {
    this.user = plan.number(model.require("user"));
    this.item = plan.number(model.require("item"));
    this.rank = model.count("rank");
    this.users = Factors.of(model.requireChild("users"), rank);
    this.items = Factors.of(model.requireChild("items"), rank);
    this.drops = model.flag("drop");
    this.target = plan.define(model.require("prediction"), SparkType.FLOAT, 0, List.of(user, item));
  }

  static void compile(Element model, PlanBuilder plan) {
    ALS als = new ALS(model, plan);
    plan.step(List.of(als.user, als.item), List.of(als.target), als::run);
    if (als.drops) {
      SkipInvalid.compile(plan, als.target);
    }
  }

  private void run(Frame frame) {
    DoubleColumn userIds = frame.doubles(user.id());
    DoubleColumn itemIds = frame.doubles(item.id());
    double[] out = new double[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      if (isId(frame, userIds, row, user) && isId(frame, itemIds, row, item)) {
        Integer left = users.places.get((int) userIds.values()[row]);
        Integer right = items.places.get((int) itemIds.values()[row]);
        out[row] = left == null || right == null ? Double.NaN : product(left, right);
      }
    }
    frame.set(target.id(), new DoubleColumn(out, null));
  }

  private static boolean isId(Frame frame, DoubleColumn ids, int row, Slot slot) {
    if (frame.failed(row)) {
      return false;
    }
    double id = ids.values()[row];
    if (ids.isNull(row) || id != (int) id) {
      frame.fail(row, slot.id(), "ALS takes whole numbers within 32 bits as ids");
      return false;
    }
    return true;
  }

  private float product(int left, int right) {
    float sum = 0.0f;
    for (int i = 0; i < rank; i++) {
      sum += users.values[left + i] * items.values[right + i];
    }
    return sum;
  }
}
