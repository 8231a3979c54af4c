package org.pillion.scoring.compiled.pmml;

import org.pillion.scoring.OutputField;

/**
 * An output field.
 *
 * @param field its values in the program; a failed one is missing for callers
 * @param contract what callers are told of it
 */
record DeclaredOutput(Field field, OutputField contract) {}
