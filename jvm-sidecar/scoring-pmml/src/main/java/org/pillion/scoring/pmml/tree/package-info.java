/** Decision trees: their nodes, their outcomes, and the ways from a row to an outcome. */
package org.pillion.scoring.pmml.tree;
