/** The sidecar's process: options, listeners, start and stop. */
package org.pillion.server;
