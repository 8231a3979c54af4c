package org.pillion.recommender;

/**
 * An item of an answer.
 *
 * @param id a {@code Long} or a {@code String}
 * @param title null where the store has none
 * @param score null where the source has none
 */
public record ScoredItem(Object id, String title, Double score) {}
