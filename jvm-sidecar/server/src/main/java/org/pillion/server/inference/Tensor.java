package org.pillion.server.inference;

import org.pillion.scoring.Column;

/**
 * The values of one field in a request.
 *
 * @param name name of the field
 * @param column the values, in the field's type
 */
public record Tensor(String name, Column column) {}
