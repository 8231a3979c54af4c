import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Trees in arrays of nodes: boosted ones and forests. */
final class Trees extends Harness {
  private double[] weights;
  private int[] roots;

  /** Per node its feature; −1 of a leaf. */
  private int[] at;

  private double[] thresholds;

  /** Per node its left child; of a leaf, its number. */
  private int[] left;

  private int[] right;

  /** Per node where its categories begin; −1 where it has a threshold. */
  private int[] first;

  private int[] count;
  private double[] goesLeft;
  private double[] values;
  private double[] predictions;

  public static void main(String[] arguments) throws IOException {
    new Trees().run(arguments);
  }

  @Override
  void readModel(ByteBuffer plan) {
    weights = readArray(plan);
    roots = readInts(plan);
    at = readInts(plan);
    thresholds = readArray(plan);
    left = readInts(plan);
    right = readInts(plan);
    first = readInts(plan);
    count = readInts(plan);
    goesLeft = readArray(plan);
    values = readArray(plan);
    predictions = new double[roots.length];
  }

  private int leaf(int tree) {
    int node = roots[tree];
    while (at[node] >= 0) {
      double value = feature[at[node]];
      boolean goes =
          first[node] < 0
              ? value <= thresholds[node]
              : value < count[node] && goesLeft[first[node] + (int) value] != 0;
      node = goes ? left[node] : right[node];
    }
    return left[node];
  }

  @Override
  void score(double[] out, int start) {
    if (rule == VOTES) {
      votes(out, start);
      return;
    }
    for (int tree = 0; tree < roots.length; tree++) {
      predictions[tree] = values[leaf(tree)];
    }
    if (rule == MEAN) {
      double sum = 0;
      for (double prediction : predictions) {
        sum += prediction;
      }
      out[start] = sum / roots.length;
      return;
    }
    double margin = dot(predictions, weights, 0, roots.length, fused);
    if (rule == BOOSTED_LOGISTIC) {
      logistic(2 * margin, out, start);
    } else {
      out[start] = margin;
    }
  }

  private void votes(double[] out, int start) {
    Arrays.fill(out, start, start + outputs, 0.0);
    for (int tree = 0; tree < roots.length; tree++) {
      int shares = leaf(tree) * outputs;
      for (int i = 0; i < outputs; i++) {
        out[start + i] += values[shares + i];
      }
    }
    double sum = 0;
    for (int i = start; i < start + outputs; i++) {
      sum += out[i];
    }
    for (int i = start; i < start + outputs; i++) {
      out[i] /= sum;
    }
  }
}
