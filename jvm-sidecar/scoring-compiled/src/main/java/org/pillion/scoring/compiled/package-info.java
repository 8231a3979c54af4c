/**
 * The compiled engine: Spark's own bits for a document that carries a Spark plan, and the
 * interpreter's for any other that it supports.
 */
package org.pillion.scoring.compiled;
