/**
 * The data plane of a Java host: features from the store, a ranking, and an answer in any case.
 *
 * <p>The words of an answer, source and reason, are those of Pillion's shim.
 */
package org.pillion.recommender;
