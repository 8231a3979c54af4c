package org.pillion.scoring.pmml.model;

import org.pillion.scoring.OutputField;
import org.pillion.scoring.pmml.field.Field;

/**
 * An output field.
 *
 * @param field its values in the program; a failed one is missing for callers
 * @param contract what callers are told of it
 */
public record DeclaredOutput(Field field, OutputField contract) {}
