/** Bare PMML documents, computed in the interpreter's order of operations. */
package org.pillion.scoring.pmml;
