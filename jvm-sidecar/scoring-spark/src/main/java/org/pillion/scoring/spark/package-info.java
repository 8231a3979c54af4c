/** Spark plans: a fitted pipeline's stages, computed in Spark's order of operations. */
package org.pillion.scoring.spark;
