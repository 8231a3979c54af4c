package org.pillion.scoring.pmml.model;

import java.util.List;
import java.util.Map;
import org.pillion.scoring.pmml.field.Field;

/**
 * A model whose steps are in the program.
 *
 * @param model what holds the predictions
 * @param stopped tells the rows for which a chain has no result at all; null for other models
 * @param target what it predicts
 * @param classification whether it predicts a class
 * @param results what the model returns, by name; other outputs are never returned
 * @param ownOutputs its own output fields, by name
 * @param outputs the output fields of it and of the models inside it, innermost first
 */
public record CompiledModel(
    Model model,
    Field stopped,
    Target target,
    boolean classification,
    Map<String, Field> results,
    Map<String, Field> ownOutputs,
    List<DeclaredOutput> outputs) {

  /** The field of its predictions. */
  public Field label() {
    return model.label();
  }

  /** Whether it predicts a number, else a class or a cluster. */
  public boolean predictsNumbers() {
    return !classification && target.type().isContinuous();
  }
}
