package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.scoring.pmml.predicate.Predicate;

/**
 * {@code SimpleRule}, or {@code CompoundRule} with the rules inside.
 *
 * @param score position of its class among the model's
 * @param id what it is known by
 * @param parts the rules inside a compound one; null for a simple one
 */
record Rule(
    Predicate predicate,
    int score,
    String id,
    double confidence,
    double weight,
    List<Rule> parts) {}
