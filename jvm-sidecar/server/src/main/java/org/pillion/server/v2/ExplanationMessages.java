package org.pillion.server.v2;

import java.util.List;
import org.pillion.server.protocol.Contribution;
import org.pillion.server.protocol.Explanation;

/** What scores are made of, over gRPC as it is and over HTTP as JSON. */
public final class ExplanationMessages {
  private ExplanationMessages() {}

  /** The messages of explanations, in their order. */
  public static List<Explanation> of(List<org.pillion.scoring.Explanation> explanations) {
    return explanations.stream().map(ExplanationMessages::of).toList();
  }

  private static Explanation of(org.pillion.scoring.Explanation explanation) {
    Explanation.Builder message =
        Explanation.newBuilder()
            .setMethod(explanation.method().text())
            .setScale(explanation.scale().text())
            .setBase(explanation.base())
            .setTotal(explanation.total());
    for (org.pillion.scoring.Contribution contribution : explanation.contributions()) {
      message.addContributions(
          Contribution.newBuilder()
              .addAllFields(contribution.fields())
              .addAllColumns(contribution.columns())
              .setValue(contribution.value()));
    }
    return message.build();
  }
}
