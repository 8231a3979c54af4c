package org.pillion.scoring.pmml.field;

/** A part of a compiled document that fills slots of a frame from slots that are filled. */
public interface Step {
  void run(Frame frame);
}
