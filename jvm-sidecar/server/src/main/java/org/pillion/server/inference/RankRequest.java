package org.pillion.server.inference;

import org.pillion.scoring.Column;

/**
 * A request to rank.
 *
 * @param rows what to score: the context with each candidate
 * @param k how many items are wanted, at most
 * @param items what the candidates are called, whole numbers or texts; null for their row numbers,
 *     or, where the model's classes are the items, for all of them
 */
public record RankRequest(InferRequest rows, int k, Column items) {}
