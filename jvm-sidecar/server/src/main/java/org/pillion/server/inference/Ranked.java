package org.pillion.server.inference;

import java.util.List;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.Shortlist;

/**
 * Items in order: by falling score, and by rising item where scores are equal.
 *
 * @param header the fields that begin the response
 * @param items {@code Long} or {@code String}, best first
 * @param rows the candidates' rows; for a model whose classes are the items, their positions
 * @param scores the items' scores
 * @param candidates how many candidates were ranked
 * @param featureVersion whose items they are; 0 where they are of none
 * @param unscored how many candidates have no score: missing, NaN, or a row that cannot be scored
 * @param shortlist what a first phase picked the candidates from; null where there was none
 * @param explanations contributions to each item's score; null where they were not requested
 */
public record Ranked(
    ResponseHeader header,
    List<Object> items,
    int[] rows,
    double[] scores,
    int candidates,
    long featureVersion,
    int unscored,
    Shortlist shortlist,
    List<Explanation> explanations) {}
