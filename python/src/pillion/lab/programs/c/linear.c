/* A sum of products and an intercept. */
#include "harness.h"

static double intercept, *coefficients;

static void read_model(FILE *plan) {
  intercept = read_array(plan).at[0];
  coefficients = read_array(plan).at;
}

static void score(double *out) {
  double margin = dot(feature, coefficients, features, fused && is_dense()) + intercept;
  if (rule == LOGISTIC)
    logistic(margin, out);
  else
    out[0] = margin;
}
