package org.pillion.server.inference;

import java.util.List;
import org.pillion.scoring.CandidateBatch;

/**
 * A request to score, in the scoring API's terms.
 *
 * @param id what the caller calls it, or null
 * @param batch the records; what counts for all of them is held once
 * @param outputs positions of the wanted outputs, in the wanted order
 * @param nullOnRowError whether a row that cannot be scored is answered with nulls
 */
public record InferRequest(
    String id, CandidateBatch batch, List<Integer> outputs, boolean nullOnRowError) {}
