/**
 * The scoring API: contracts, columnar batches, engines and errors.
 *
 * <p>Depends on the JDK only. No parameter, return value or component is null unless its
 * documentation says so; a missing <em>value</em> is a set flag in a column's mask, never a null.
 */
package org.pillion.scoring;
