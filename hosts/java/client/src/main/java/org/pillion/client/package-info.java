/**
 * The sidecar's client: a {@link org.pillion.ranker.Ranker} that asks a sidecar on the same
 * machine.
 */
package org.pillion.client;
