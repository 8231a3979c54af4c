package org.pillion.scoring.spark;

import java.util.Optional;
import org.pillion.pmml.ContractReader;
import org.pillion.pmml.DocumentLimits;
import org.pillion.pmml.PlanExtension;
import org.pillion.pmml.XmlCursor;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidModel;

/**
 * A document that carries a Spark plan.
 *
 * @param contract what its model takes and returns; empty where it has the plan alone
 * @param format format of the plan
 * @param plan the plan's text
 */
public record SparkDocument(Optional<FeatureContract> contract, String format, String plan) {
  /**
   * Reads a document to its end.
   *
   * @throws InvalidModel when it is malformed, or has no plan
   */
  public static SparkDocument read(byte[] pmml, DocumentLimits limits) {
    XmlCursor cursor = XmlCursor.openPmml(pmml, limits);
    ContractReader reader = new ContractReader();
    String format = null;
    String plan = null;
    boolean model = false;
    while (cursor.nextChild(1)) {
      if (cursor.name().equals("Header")) {
        while (cursor.nextChild(2)) {
          if (plan == null && PlanExtension.isAt(cursor)) {
            format = cursor.attribute("value", "");
            plan = cursor.text();
          }
        }
      } else if (cursor.name().equals("DataDictionary")) {
        reader.readDictionary(cursor);
      } else if (!model && isModel(cursor)) {
        model = true;
        readModel(cursor, reader);
      }
    }
    cursor.finish();
    if (plan == null) {
      throw new InvalidModel("the document has no Spark plan");
    }
    return new SparkDocument(
        model ? Optional.of(reader.contract()) : Optional.empty(), format, plan);
  }

  private static boolean isModel(XmlCursor cursor) {
    return cursor.name().endsWith("Model") || cursor.name().equals("NeuralNetwork");
  }

  private static void readModel(XmlCursor cursor, ContractReader reader) {
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      switch (cursor.name()) {
        case "MiningSchema" -> reader.readMiningSchema(cursor);
        case "Output" -> reader.readOutputs(cursor);
        case "Segmentation" -> readChain(cursor, reader);
        default -> {}
      }
    }
  }

  /** The outputs of the last model of a chain are outputs of the document. */
  private static void readChain(XmlCursor cursor, ContractReader reader) {
    if (!"modelChain".equals(cursor.attribute("multipleModelMethod"))) {
      return;
    }
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("Segment")) {
        reader.forgetSegment();
        int segment = cursor.depth();
        while (cursor.nextChild(segment)) {
          if (isModel(cursor)) {
            readSegment(cursor, reader);
          }
        }
      }
    }
  }

  private static void readSegment(XmlCursor cursor, ContractReader reader) {
    int depth = cursor.depth();
    while (cursor.nextChild(depth)) {
      if (cursor.name().equals("Output")) {
        reader.readSegmentOutputs(cursor);
      } else if (cursor.name().equals("Segmentation")) {
        readChain(cursor, reader);
      }
    }
  }
}
