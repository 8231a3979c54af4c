package org.pillion.server.inference;

import org.pillion.registry.ModelVersion;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.metrics.LiveVersions;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.tensor.InputRules;

/**
 * The services and limits that every transport shares.
 *
 * @param models the versions that requests name
 * @param items the items that requests name
 * @param inference scores requests
 * @param workers the threads that parse and score
 * @param metrics counters and timers
 * @param maxBody longest body of a request, in bytes
 * @param maxRows most rows in a request
 * @param version the sidecar's version
 * @param live the versions whose counts are kept
 */
public record ServerContext(
    Models models,
    ItemTables items,
    InferService inference,
    WorkerPool workers,
    Metrics metrics,
    long maxBody,
    int maxRows,
    String version,
    LiveVersions live) {
  /** The same with other counts. */
  public ServerContext counting(Metrics metrics) {
    return new ServerContext(
        models,
        items,
        inference.counting(metrics),
        workers,
        metrics,
        maxBody,
        maxRows,
        version,
        live);
  }

  /**
   * The rules for a request's inputs of a model.
   *
   * @param memory what the request may take
   */
  public InputRules rules(ModelVersion model, MemoryBudget memory) {
    return new InputRules(model.scorer().contract(), maxRows, memory);
  }
}
