/** Predicates in PMML's three-valued logic. */
package org.pillion.scoring.pmml.predicate;
