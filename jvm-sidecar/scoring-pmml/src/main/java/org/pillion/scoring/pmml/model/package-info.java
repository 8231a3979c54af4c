/** Models, and the segmentations that combine them: one class per element. */
package org.pillion.scoring.pmml.model;
