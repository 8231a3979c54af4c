/** Fields of a document: their types, values and declarations, and the frame that holds a batch. */
package org.pillion.scoring.pmml.field;
