/** Texts as Spark reads them: regular expressions with an end, hashes, the Java that it ran on. */
package org.pillion.scoring.spark.text;
