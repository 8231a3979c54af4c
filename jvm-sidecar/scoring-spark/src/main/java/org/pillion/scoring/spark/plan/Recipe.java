package org.pillion.scoring.spark.plan;

/**
 * How a stage makes a column, for kernels that can do without the column and compute what is made
 * of it from what it is made of.
 */
public interface Recipe {}
