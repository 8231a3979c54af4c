/** A Spark plan: its elements as read from the document, and the steps that they compile to. */
package org.pillion.scoring.spark.plan;
