/** Which leaves rows lead to, in all trees of a forest at once, whatever its leaves hold. */
package org.pillion.scoring.spark.tree;
