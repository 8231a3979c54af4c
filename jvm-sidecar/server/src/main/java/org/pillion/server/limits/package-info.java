/** What bounds the load: requests and bytes in flight, heads, deadlines, workers. */
package org.pillion.server.limits;
