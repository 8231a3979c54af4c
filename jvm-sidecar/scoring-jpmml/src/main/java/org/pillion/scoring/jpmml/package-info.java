/** The JPMML interpreter behind the scoring API: the reference for what a document means. */
package org.pillion.scoring.jpmml;
