package org.pillion.scoring.jpmml;

import org.dmg.pmml.Aggregate;
import org.dmg.pmml.Lag;
import org.dmg.pmml.PMML;
import org.dmg.pmml.VisitorAction;
import org.jpmml.model.visitors.AbstractVisitor;
import org.pillion.scoring.UnsupportedElement;

/** Refuses expressions over the rows before or around a row: here each row is scored by itself. */
final class OtherRowsGuard {
  private OtherRowsGuard() {}

  static void check(PMML document) {
    new AbstractVisitor() {
      @Override
      public VisitorAction visit(Lag lag) {
        throw unsupported("Lag");
      }

      @Override
      public VisitorAction visit(Aggregate aggregate) {
        throw unsupported("Aggregate");
      }
    }.applyTo(document);
  }

  private static UnsupportedElement unsupported(String element) {
    return new UnsupportedElement(
        element,
        "the document's %s looks at other rows than the one that is scored, which no engine here does;"
                .formatted(element)
            + " compute it before, and make it an input");
  }
}
