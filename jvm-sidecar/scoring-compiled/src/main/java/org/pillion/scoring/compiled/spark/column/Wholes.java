package org.pillion.scoring.compiled.spark.column;

/**
 * Whole numbers.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record Wholes(long[] values, boolean[] nulls) implements Values {}
