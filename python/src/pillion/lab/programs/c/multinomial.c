/* A sum of products and an intercept for each class, then the softmax. */
#include "harness.h"

static double *intercepts, *coefficients;

static void read_model(FILE *plan) {
  intercepts = read_array(plan).at;
  coefficients = read_array(plan).at;
}

static void score(double *out) {
  int in_lanes = fused && is_dense();
  double largest = -INFINITY, sum = 0;
  for (int class = 0; class < outputs; class++) {
    out[class] = dot(feature, coefficients + (int64_t)class * features, features, in_lanes) + intercepts[class];
    if (out[class] > largest) largest = out[class];
  }
  for (int class = 0; class < outputs; class++) {
    out[class] = exp(out[class] - largest);
    sum += out[class];
  }
  double share = 1 / sum;
  for (int class = 0; class < outputs; class++) out[class] *= share;
}
