package org.pillion.registry;

import java.util.OptionalLong;

/**
 * A change of the version that serves a model.
 *
 * @param model the model
 * @param before the version that served before, if any
 * @param serving the version that serves from now on, if any
 */
public record ServingChange(String model, OptionalLong before, OptionalLong serving) {}
