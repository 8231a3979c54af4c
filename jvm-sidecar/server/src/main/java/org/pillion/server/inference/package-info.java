/**
 * The server behind every transport: which model, which columns, how long, and what a failure is.
 *
 * <p>Nothing in here knows bytes on a wire.
 */
package org.pillion.server.inference;
