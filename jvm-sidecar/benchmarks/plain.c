/*
 * Trees in plain C: the loop that any port would start from.
 *
 * Includes trees.h, which forest.py writes. Prints one JSON object: nanoseconds of processor time a row,
 * row by row and tree by tree.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

typedef struct {
  double bound;
  uint64_t accepted; /* of a category's code; 0 where the question is about a number */
  int32_t column;
  int32_t yes; /* a node, or -1 - leaf */
  int32_t no;
} node;

#include "trees.h"

static double sums[ROWS][CLASSES];

static int leaf(int position, const double *row) {
  while (position >= 0) {
    const node *at = &nodes[position];
    double value = row[at->column];
    int yes = at->accepted ? (int)((at->accepted >> (int)value) & 1) : value <= at->bound;
    position = yes ? at->yes : at->no;
  }
  return -1 - position;
}

static void add(int row, int tree) {
  const double *score = leaves[leaf(roots[tree], rows[row])];
  for (int i = 0; i < CLASSES; i++) sums[row][i] += weights[tree] * score[i];
}

static void clear(int count) {
  for (int row = 0; row < count; row++)
    for (int i = 0; i < CLASSES; i++) sums[row][i] = 0;
}

static void by_row(int count) {
  clear(count);
  for (int row = 0; row < count; row++)
    for (int tree = 0; tree < TREES; tree++) add(row, tree);
}

static void by_tree(int count) {
  clear(count);
  for (int tree = 0; tree < TREES; tree++)
    for (int row = 0; row < count; row++) add(row, tree);
}

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec + at.tv_nsec * 1e-9;
}

/* The best of several runs of at least 0.1 s, in nanoseconds a row. */
static double measure(void (*score)(int), int count) {
  double best = 1e300;
  for (int run = 0; run < 5; run++) {
    double start = now(), elapsed;
    long calls = 0;
    do {
      score(count);
      calls++;
    } while ((elapsed = now() - start) < 0.1);
    double each = elapsed * 1e9 / ((double)calls * count);
    if (each < best) best = each;
  }
  return best;
}

int main(void) {
  int counts[] = {1, 10, 100, ROWS};
  printf("{");
  for (int i = 0; i < 4; i++)
    printf("%s\"%d\": {\"by_row\": %.1f, \"by_tree\": %.1f}", i ? ", " : "", counts[i], measure(by_row, counts[i]),
           measure(by_tree, counts[i]));
  printf("}\n");
  return sums[0][0] == 0.12345; /* so that the sums are needed */
}
