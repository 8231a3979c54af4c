/** Requests that are answered with an error. */
package org.pillion.server.errors;
