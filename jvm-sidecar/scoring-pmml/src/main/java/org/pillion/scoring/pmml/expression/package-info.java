/** Expressions and derived fields: one class per element or function. */
package org.pillion.scoring.pmml.expression;
