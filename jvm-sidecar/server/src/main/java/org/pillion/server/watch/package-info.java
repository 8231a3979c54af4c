/** What is looked at again and again while the sidecar serves. */
package org.pillion.server.watch;
