package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;

/** {@code MiningModel}: models that are combined. */
final class MiningModel {
  private MiningModel() {}

  static CompiledModel compile(ModelContext context) {
    Element segmentation = context.element().requireChild("Segmentation");
    String method = segmentation.require("multipleModelMethod");
    if (segmentation.attribute("missingThreshold") != null) {
      throw segmentation.unsupported("missingThreshold");
    }
    List<Element> segments = segmentation.children("Segment");
    if (segments.isEmpty()) {
      throw segmentation.invalid("has no Segment");
    }
    if (method.equals("selectFirst")) {
      return SelectFirst.compile(context, segmentation, segments);
    }
    boolean returnMissing =
        switch (segmentation.attribute("missingPredictionTreatment", "continue")) {
          case "continue" -> false;
          case "returnMissing" -> true;
          default -> throw segmentation.unsupported("missingPredictionTreatment");
        };
    return switch (method) {
      case "modelChain" -> ModelChain.compile(context, segments, returnMissing, false);
      case "x-multiModelChain" -> ModelChain.compile(context, segments, returnMissing, true);
      case "sum", "weightedSum", "average", "weightedAverage" ->
          ModelAggregate.compile(context, segmentation, segments, method, returnMissing);
      case "majorityVote", "weightedMajorityVote" ->
          VoteAggregate.compile(context, segmentation, segments, method, returnMissing);
      default -> throw segmentation.unsupported("multipleModelMethod");
    };
  }
}
