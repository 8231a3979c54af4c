import java.io.IOException;
import java.nio.ByteBuffer;

/** A sum of products and an intercept. */
final class Linear extends Harness {
  private double intercept;
  private double[] coefficients;

  public static void main(String[] arguments) throws IOException {
    new Linear().run(arguments);
  }

  @Override
  void readModel(ByteBuffer plan) {
    intercept = readArray(plan)[0];
    coefficients = readArray(plan);
  }

  @Override
  void score(double[] out, int start) {
    double margin = dot(feature, coefficients, 0, features, fused && isDense()) + intercept;
    if (rule == LOGISTIC) {
      logistic(margin, out, start);
    } else {
      out[start] = margin;
    }
  }
}
