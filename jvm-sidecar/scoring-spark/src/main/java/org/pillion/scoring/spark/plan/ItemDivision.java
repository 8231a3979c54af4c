package org.pillion.scoring.spark.plan;

import java.util.BitSet;

/**
 * A program in two parts.
 *
 * @param items kernels that see resident items alone, and so run once for all requests
 * @param rest the other kernels
 * @param kept the slots of the first part that the second one, or an output, is made of
 */
public record ItemDivision(Program items, Program rest, BitSet kept) {}
