/**
 * The server behind every transport: which model, which columns, and what is answered.
 *
 * <p>Nothing in here knows bytes on a wire.
 */
package org.pillion.server.inference;
