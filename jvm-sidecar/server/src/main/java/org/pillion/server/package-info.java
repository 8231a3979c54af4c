/** V2 over HTTP, on TCP and on a Unix domain socket: translation between the wire and scoring. */
package org.pillion.server;
