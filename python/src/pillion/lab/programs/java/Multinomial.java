import java.io.IOException;
import java.nio.ByteBuffer;

/** A sum of products and an intercept for each class, then the softmax. */
final class Multinomial extends Harness {
  private double[] intercepts;
  private double[] coefficients;

  public static void main(String[] arguments) throws IOException {
    new Multinomial().run(arguments);
  }

  @Override
  void readModel(ByteBuffer plan) {
    intercepts = readArray(plan);
    coefficients = readArray(plan);
  }

  @Override
  void score(double[] out, int start) {
    boolean inLanes = fused && isDense();
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < outputs; i++) {
      double margin = dot(feature, coefficients, i * features, features, inLanes) + intercepts[i];
      out[start + i] = margin;
      largest = margin > largest ? margin : largest;
    }
    double sum = 0;
    for (int i = start; i < start + outputs; i++) {
      out[i] = Math.exp(out[i] - largest);
      sum += out[i];
    }
    double share = 1 / sum;
    for (int i = start; i < start + outputs; i++) {
      out[i] *= share;
    }
  }
}
