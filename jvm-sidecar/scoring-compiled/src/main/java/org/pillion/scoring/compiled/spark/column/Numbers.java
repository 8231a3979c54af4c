package org.pillion.scoring.compiled.spark.column;

/**
 * Floating-point numbers; those of Spark's float type are widened.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record Numbers(double[] values, boolean[] nulls) implements Values {}
