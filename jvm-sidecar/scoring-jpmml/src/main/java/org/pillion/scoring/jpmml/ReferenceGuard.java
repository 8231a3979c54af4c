package org.pillion.scoring.jpmml;

import java.util.HashSet;
import java.util.Set;
import org.dmg.pmml.Field;
import org.dmg.pmml.MiningField;
import org.dmg.pmml.Model;
import org.dmg.pmml.PMML;
import org.dmg.pmml.PMMLObject;
import org.dmg.pmml.VisitorAction;
import org.jpmml.model.visitors.AbstractVisitor;
import org.jpmml.model.visitors.ActiveFieldFinder;
import org.pillion.scoring.InvalidModel;

/** Refuses a document that refers to a field which it declares nowhere. */
final class ReferenceGuard {
  private ReferenceGuard() {}

  static void check(PMML document) {
    Set<String> declared = new HashSet<>();
    new AbstractVisitor() {
      @Override
      public VisitorAction visit(PMMLObject object) {
        if (object instanceof Field<?> field && field.getName() != null) {
          declared.add(field.getName());
        }
        return super.visit(object);
      }
    }.applyTo(document);

    for (Model model : document.getModels()) {
      for (MiningField field : model.requireMiningSchema().getMiningFields()) {
        require(declared, field.requireName());
      }
    }
    ActiveFieldFinder finder = new ActiveFieldFinder();
    finder.applyTo(document);
    finder.getFieldNames().forEach(name -> require(declared, name));
  }

  private static void require(Set<String> declared, String name) {
    if (!declared.contains(name)) {
      throw new InvalidModel(
          "the document refers to the field '" + name + "', which it does not declare");
    }
  }
}
