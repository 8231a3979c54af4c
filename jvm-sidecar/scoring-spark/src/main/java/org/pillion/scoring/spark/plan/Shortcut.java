package org.pillion.scoring.spark.plan;

import java.util.List;
import org.pillion.scoring.spark.column.Frame;

/**
 * Another way to compute what a step computes: from other columns, with the same bits, and without
 * the stages in between.
 *
 * @param reads the columns that it reads
 * @param kernel fills the step's columns, or {@linkplain Frame#decline() declines} the frame where
 *     a row may fail, as the stages know best why
 */
public record Shortcut(List<Slot> reads, Kernel kernel) {}
