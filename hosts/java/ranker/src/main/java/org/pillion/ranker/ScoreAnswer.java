package org.pillion.ranker;

import org.pillion.scoring.ScoreResult;

/**
 * The outputs of records.
 *
 * @param model the model
 * @param version the version that scored
 * @param result one column an output, one row a record; a record that cannot be scored is missing
 *     in every column, and has an error
 */
public record ScoreAnswer(String model, long version, ScoreResult result) {}
