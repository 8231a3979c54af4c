/**
 * Boosted models of XGBoost's: margins in single precision; and the exponentials of floats and
 * doubles with their libraries' bits.
 */
package org.pillion.scoring.spark.booster;
