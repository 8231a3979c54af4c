/** Spark SQL's expressions over whole columns: one class per family of elements. */
package org.pillion.scoring.spark.expression;
