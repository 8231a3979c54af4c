package org.pillion.scoring.pmml.model;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.predicate.PredicateCompiler;

/** {@code MiningModel}: models that are combined. */
final class MiningModel {
  private MiningModel() {}

  static CompiledModel compile(ModelContext context) {
    Element segmentation = context.element().requireChild("Segmentation");
    String method = segmentation.require("multipleModelMethod");
    boolean returnMissing =
        switch (segmentation.attribute("missingPredictionTreatment", "continue")) {
          case "continue" -> false;
          case "returnMissing" -> true;
          default -> throw segmentation.unsupported("missingPredictionTreatment");
        };
    if (segmentation.attribute("missingThreshold") != null) {
      throw segmentation.unsupported("missingThreshold");
    }
    List<Element> segments = segmentation.children("Segment");
    if (segments.isEmpty()) {
      throw segmentation.invalid("has no Segment");
    }
    return switch (method) {
      case "modelChain" -> ModelChain.compile(context, segments, returnMissing, false);
      case "multiModelChain" -> ModelChain.compile(context, segments, returnMissing, true);
      case "sum", "weightedSum", "average", "weightedAverage" ->
          ModelAggregate.compile(context, segmentation, segments, method, returnMissing);
      case "majorityVote", "weightedMajorityVote" ->
          VoteAggregate.compile(context, segmentation, segments, method, returnMissing);
      default -> throw segmentation.unsupported("multipleModelMethod");
    };
  }

  /** Reads a segment's predicate and returns its model's element. */
  static Element model(Element segment) {
    segment.ignore("id");
    Element model = null;
    boolean always = false;
    for (Element child : segment.remaining()) {
      if (child.name().equals("True")) {
        always = true;
      } else if (PredicateCompiler.isPredicate(child)) {
        throw child.unsupported();
      } else if (model == null) {
        model = child;
      } else {
        throw segment.invalid("has more than one model");
      }
    }
    if (!always || model == null) {
      throw segment.invalid("has no predicate or no model");
    }
    return model;
  }
}
