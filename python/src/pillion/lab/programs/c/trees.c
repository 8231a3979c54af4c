/* Trees in arrays of nodes: boosted ones and forests. */
#include "harness.h"

typedef struct {
  int feature; /* −1 of a leaf */
  int left;    /* of a leaf, its number */
  int right;
  int first; /* of its categories, −1 where it has a threshold */
  int count;
  double threshold;
} node;

static int trees, *roots;
static node *nodes;
static double *weights, *goes_left, *values, *predictions;

static void read_model(FILE *plan) {
  array of_trees = read_array(plan);
  int64_t size;
  trees = (int)of_trees.size, weights = of_trees.at;
  roots = read_ints(plan, &size);
  int *at = read_ints(plan, &size);
  double *thresholds = read_array(plan).at;
  int *left = read_ints(plan, &size), *right = read_ints(plan, &size);
  int *first = read_ints(plan, &size), *count = read_ints(plan, &size);
  nodes = malloc(sizeof(node) * size);
  for (int64_t i = 0; i < size; i++) nodes[i] = (node){at[i], left[i], right[i], first[i], count[i], thresholds[i]};
  goes_left = read_array(plan).at;
  values = read_array(plan).at;
  predictions = malloc(8 * trees);
}

static int leaf(int tree) {
  const node *at = &nodes[roots[tree]];
  while (at->feature >= 0) {
    double value = feature[at->feature];
    int left = at->first < 0 ? value <= at->threshold : value < at->count && goes_left[at->first + (int)value];
    at = &nodes[left ? at->left : at->right];
  }
  return at->left;
}

static void score(double *out) {
  if (rule == VOTES) {
    double sum = 0;
    for (int class = 0; class < outputs; class++) out[class] = 0;
    for (int tree = 0; tree < trees; tree++) {
      const double *shares = values + (int64_t)leaf(tree) * outputs;
      for (int class = 0; class < outputs; class++) out[class] += shares[class];
    }
    for (int class = 0; class < outputs; class++) sum += out[class];
    for (int class = 0; class < outputs; class++) out[class] /= sum;
    return;
  }
  for (int tree = 0; tree < trees; tree++) predictions[tree] = values[leaf(tree)];
  if (rule == MEAN) {
    double sum = 0;
    for (int tree = 0; tree < trees; tree++) sum += predictions[tree];
    out[0] = sum / trees;
    return;
  }
  double margin = dot(predictions, weights, trees, fused);
  if (rule == BOOSTED_LOGISTIC)
    logistic(2 * margin, out);
  else
    out[0] = margin;
}
