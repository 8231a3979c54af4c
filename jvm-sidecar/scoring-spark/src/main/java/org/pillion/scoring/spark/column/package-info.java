/** Columns of one batch as flat arrays, and the frame that holds them while a plan runs. */
package org.pillion.scoring.spark.column;
