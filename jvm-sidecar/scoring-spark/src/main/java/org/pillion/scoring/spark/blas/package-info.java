/**
 * Dense linear algebra in the order of operations of the BLAS that Spark ran with.
 *
 * <p>Spark calls the netlib library of L. Henry (dev.ludovic.netlib). Which of its implementations
 * answers depends on the JVM: one on the Vector API, whose results depend on the number of lanes,
 * or one of two without it.
 */
package org.pillion.scoring.spark.blas;
