/** V2 over HTTP/1.1: translation between the wire and {@code inference}. */
package org.pillion.server.v2;
