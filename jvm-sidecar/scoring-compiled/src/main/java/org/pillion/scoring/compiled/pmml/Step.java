package org.pillion.scoring.compiled.pmml;

/** A part of a compiled document that fills slots of a frame from slots that are filled. */
interface Step {
  void run(Frame frame);
}
