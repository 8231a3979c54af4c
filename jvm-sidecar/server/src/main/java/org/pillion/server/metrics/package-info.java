/** What is counted and timed. */
package org.pillion.server.metrics;
