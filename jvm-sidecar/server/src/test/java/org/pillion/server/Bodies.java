package org.pillion.server;

/** Bodies of inference requests, for tests. */
final class Bodies {
  private Bodies() {}

  /** One row for the logistic regression. */
  static String ranker(String color, String age, String visits) {
    return """
        {"id": "7", "inputs": [
          {"name": "color", "shape": [1], "datatype": "BYTES", "data": ["%s"]},
          {"name": "age", "shape": [1], "datatype": "FP64", "data": [%s]},
          {"name": "visits", "shape": [1], "datatype": "INT64", "data": [%s]}]}"""
        .formatted(color, age, visits);
  }
}
