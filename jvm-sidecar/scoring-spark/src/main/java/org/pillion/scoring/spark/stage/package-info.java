/** One class per kind of stage: its element's compiler and its kernel. */
package org.pillion.scoring.spark.stage;
