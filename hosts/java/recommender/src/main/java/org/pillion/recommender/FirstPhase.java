package org.pillion.recommender;

/**
 * Which of all items go on to a model: those whose vectors have the largest dot products with the
 * user's.
 *
 * <p>An element of a vector is an input of the model: those of {@code user_factor} are {@code
 * user_factor_0}, {@code user_factor_1} and so on.
 *
 * @param user the name of the user's vector
 * @param item the name of the items' vectors
 */
public record FirstPhase(String user, String item) {}
