/**
 * Boosted models of XGBoost's: margins in single precision, and the functions of floats on them.
 */
package org.pillion.scoring.spark.booster;
