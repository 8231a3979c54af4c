package org.pillion.scoring.spark.plan;

import org.pillion.scoring.spark.column.SparkType;

/**
 * The place of one column in a frame.
 *
 * @param id position in the frame
 * @param name the column's name in Spark; a later column may have the same one
 * @param type type of the values
 * @param size length of the vectors; 0 for other types
 * @param roots the inputs that the values are made of, as positions in the contract
 */
public record Slot(int id, String name, SparkType type, int size, int[] roots) {}
