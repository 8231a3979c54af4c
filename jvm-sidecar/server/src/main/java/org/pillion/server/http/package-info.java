/** What every protocol over HTTP shares: routes, bodies, responses, the access log. */
package org.pillion.server.http;
