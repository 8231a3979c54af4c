/*
 * What all programs in C share: reads plan and rows, prepares a row's features, and answers a command a line on
 * standard input.
 *
 *   check N FILE   scores N rows and writes the outputs; answers 1 where the compiler contracts a * b + c, else 0
 *   time N CALLS   scores N rows that often; answers the nanoseconds of all calls
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT };
enum { NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN };

typedef struct {
  int64_t size;
  double *at;
} array;

typedef struct {
  int operation, a, b, first, count;
} step;

static int fields, rule, outputs, fused, steps, features;
static double sparse_below;
static step *preparation;
static int *feature_numbers;
static double *constants, *numbers, *feature;

/* In linear.c, multinomial.c and trees.c: reads the model, and scores the row in `feature`. */
static void read_model(FILE *plan);
static void score(double *out);

static array read_array(FILE *file) {
  array read = {0, NULL};
  if (fread(&read.size, 8, 1, file) != 1) exit(3);
  read.at = malloc(8 * (read.size ? read.size : 1));
  if (read.at == NULL || fread(read.at, 8, read.size, file) != (size_t)read.size) exit(3);
  return read;
}

static int *read_ints(FILE *file, int64_t *size) {
  array read = read_array(file);
  int *ints = malloc(sizeof(int) * (read.size ? read.size : 1));
  for (int64_t i = 0; i < read.size; i++) ints[i] = (int)read.at[i];
  *size = read.size;
  free(read.at);
  return ints;
}

static void read_plan(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(3);
  array about = read_array(file);
  fields = (int)about.at[0], sparse_below = about.at[1], rule = (int)about.at[2];
  outputs = (int)about.at[3], fused = (int)about.at[4];
  array rows = read_array(file);
  steps = (int)(rows.size / 5);
  preparation = malloc(sizeof(step) * (steps + 1));
  for (int i = 0; i < steps; i++) {
    const double *at = rows.at + 5 * i;
    preparation[i] = (step){(int)at[0], (int)at[1], (int)at[2], (int)at[3], (int)at[4]};
  }
  constants = read_array(file).at;
  int64_t size;
  feature_numbers = read_ints(file, &size);
  features = (int)size;
  numbers = malloc(8 * (fields + steps + 1));
  feature = malloc(8 * (features + 1));
  read_model(file);
  fclose(file);
}

static double bucket(double value, const double *bounds, int count) {
  if (value != value) return count - 1;
  int found = 0;
  while (found < count - 2 && value >= bounds[found + 1]) found++;
  return found;
}

/* Makes the features of a row. */
static void prepare(const double *row) {
  memcpy(numbers, row, 8 * fields);
  for (int i = 0; i < steps; i++) {
    const step *at = &preparation[i];
    const double *c = constants + at->first;
    double a = numbers[at->a], made = 0;
    switch (at->operation) {
      case OTHERWISE: made = a != a ? c[0] : a; break;
      case ADD: made = a + numbers[at->b]; break;
      case MULTIPLY: made = a * numbers[at->b]; break;
      case BUCKET: made = bucket(a, c, at->count); break;
      case IS: made = a == c[0]; break;
      case SCALE: made = (a - c[0]) * c[1]; break;
      case CONSTANT: made = c[0]; break;
    }
    numbers[fields + i] = made;
  }
  for (int i = 0; i < features; i++) feature[i] = numbers[feature_numbers[i]];
}

/* A sum of products in Spark's order: two fused lanes where both vectors are dense. */
static double dot(const double *x, const double *y, int n, int in_lanes) {
  double even = 0, odd = 0;
  int i = 0;
  if (in_lanes)
    for (; i < n - 1; i += 2) {
      even = fma(x[i], y[i], even);
      odd = fma(x[i + 1], y[i + 1], odd);
    }
  double sum = even + odd;
  for (; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/* Whether a row's vector is one that Spark keeps dense. */
static int is_dense(void) {
  int stored = 0;
  for (int i = 0; i < features; i++) stored += feature[i] != 0;
  return stored >= sparse_below;
}

static void logistic(double margin, double *out) {
  out[0] = 1 / (1 + exp(margin));
  out[1] = 1 - out[0];
}

static void score_all(const double *rows, int64_t count, double *out) {
  for (int64_t i = 0; i < count; i++) {
    prepare(rows + i * fields);
    score(out + i * outputs);
  }
}

static int contracts(void) {
  volatile double a = 1 + 0x1p-30, c = a * a;
  double x = a, y = a, z = c;
  return x * y - z != 0;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  read_plan(arguments[1]);
  FILE *file = fopen(arguments[2], "rb");
  if (file == NULL) return 3;
  array known = read_array(file);
  fclose(file);
  int64_t prepared = 0, known_rows = known.size / fields;
  double *rows = NULL, *out = NULL;
  char command[16], line[4096], path[4000];
  while (fgets(line, sizeof line, stdin)) {
    long long n, calls = 0;
    if (sscanf(line, "%15s %lld %3999[^\n]", command, &n, path) != 3) return 2;
    if (n != prepared) {
      free(rows), free(out);
      rows = malloc(8 * n * fields), out = malloc(8 * n * outputs);
      if (rows == NULL || out == NULL) return 4;
      for (int64_t i = 0; i < n; i++) memcpy(rows + i * fields, known.at + i % known_rows * fields, 8 * fields);
      prepared = n;
    }
    if (strcmp(command, "check") == 0) {
      score_all(rows, n, out);
      FILE *to = fopen(path, "wb");
      if (to == NULL || fwrite(out, 8, n * outputs, to) != (size_t)(n * outputs)) return 3;
      fclose(to);
      printf("%d\n", contracts());
    } else {
      struct timespec from, until;
      clock_gettime(CLOCK_MONOTONIC, &from);
      for (calls = atoll(path); calls > 0; calls--) score_all(rows, n, out);
      clock_gettime(CLOCK_MONOTONIC, &until);
      printf("%lld\n", (until.tv_sec - from.tv_sec) * 1000000000LL + until.tv_nsec - from.tv_nsec);
    }
    fflush(stdout);
  }
  return 0;
}
