package org.pillion.registry;

import java.util.OptionalInt;

/**
 * A change of the version that serves a model.
 *
 * @param model the model
 * @param before the version that served before, if any
 * @param serving the version that serves from now on, if any
 */
public record ServingChange(String model, OptionalInt before, OptionalInt serving) {}
