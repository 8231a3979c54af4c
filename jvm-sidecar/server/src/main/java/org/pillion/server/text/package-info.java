/** Text in requests, logs and errors. */
package org.pillion.server.text;
