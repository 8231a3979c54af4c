package org.pillion.scoring.compiled.spark.column;

/**
 * Truth values.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record Flags(boolean[] values, boolean[] nulls) implements Values {}
