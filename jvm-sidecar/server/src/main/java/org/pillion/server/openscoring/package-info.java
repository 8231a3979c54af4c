/** The dialect of Openscoring, for callers that come from it. */
package org.pillion.server.openscoring;
