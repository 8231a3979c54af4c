package org.pillion.scoring.spark;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.Column;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.spark.column.Frame;

/**
 * Outputs that are written of frames in which the plan has run.
 *
 * @param fields their fields
 * @param writers make their columns
 */
record Outputs(List<OutputField> fields, List<ElementsWriter.Columns> writers) {
  /** All outputs. */
  static Outputs all(List<OutputField> fields, List<OutputWriter> writers) {
    return new Outputs(fields, ElementsWriter.join(writers));
  }

  /** One output, and those that may fail a row when they are written, for its errors. */
  static Outputs only(String name, List<OutputField> fields, List<OutputWriter> writers) {
    List<OutputField> some = new ArrayList<>();
    List<OutputWriter> theirs = new ArrayList<>();
    for (int i = 0; i < writers.size(); i++) {
      if (fields.get(i).name().equals(name) || writers.get(i).mayFail()) {
        some.add(fields.get(i));
        theirs.add(writers.get(i));
      }
    }
    return all(List.copyOf(some), theirs);
  }

  /** The outputs of a frame. */
  ScoreResult of(Frame frame) {
    List<Column> columns = new ArrayList<>(fields.size());
    writers.forEach(writer -> writer.write(frame, columns));
    return new ScoreResult(frame.rows(), fields, columns, frame.errors());
  }
}
