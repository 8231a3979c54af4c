/**
 * The compiled engine in a host's own JVM, over a model repository that is watched.
 *
 * <p>Nothing of it is under the AGPL, and nothing of it opens a network connection.
 */
package org.pillion.embedded;
