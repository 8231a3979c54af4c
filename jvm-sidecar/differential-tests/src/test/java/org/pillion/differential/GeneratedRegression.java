package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** A random {@code RegressionModel}; {@code %s} twice is schema and output. */
final class GeneratedRegression {
  private final GeneratedFields fields;
  private final Random random;

  GeneratedRegression(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
  }

  String number() {
    String method = pick("none", "none", "logit", "exp", "cloglog", "loglog", "cauchit", "softmax");
    return model("regression", method, table(""));
  }

  String classes(List<String> classes) {
    boolean two = classes.size() == 2;
    String method =
        two
            ? pick("none", "logit", "softmax", "simplemax", "cloglog", "loglog", "cauchit")
            : pick("none", "softmax", "simplemax", "logit");
    StringBuilder tables = new StringBuilder();
    for (String name : classes) {
      String category = "targetCategory='" + name + "'";
      boolean last = classes.indexOf(name) == classes.size() - 1;
      tables.append(
          last && random.nextBoolean()
              ? "<RegressionTable intercept='0.0' " + category + "/>"
              : table(category));
    }
    return model("classification", method, tables.toString());
  }

  private String model(String function, String method, String tables) {
    return "<RegressionModel functionName='%s' normalizationMethod='%s'%s>"
            .formatted(function, method, fields.precision())
        + "%s%s"
        + tables
        + "</RegressionModel>";
  }

  private String table(String category) {
    StringBuilder table = new StringBuilder("<RegressionTable intercept='%s' %s>");
    int numbers = random.nextInt(4);
    for (int i = 0; i < numbers; i++) {
      String exponent = random.nextInt(5) == 0 ? " exponent='2'" : "";
      table.append(
          "<NumericPredictor name='%s' coefficient='%s'%s/>"
              .formatted(fields.number(false).name(), coefficient(), exponent));
    }
    int groups = random.nextInt(3);
    for (int i = 0; i < groups; i++) {
      GeneratedFields.Field field = fields.any();
      for (int j = 0; j <= random.nextInt(3); j++) {
        table.append(
            "<CategoricalPredictor name='%s' value='%s' coefficient='%s'/>"
                .formatted(field.name(), fields.constant(field), coefficient()));
      }
    }
    int terms = random.nextInt(3);
    for (int i = 0; i < terms; i++) {
      table.append("<PredictorTerm coefficient='" + coefficient() + "'>");
      for (int j = 0; j <= random.nextInt(3); j++) {
        table.append("<FieldRef field='" + fields.number(false).name() + "'/>");
      }
      table.append("</PredictorTerm>");
    }
    String intercept = random.nextInt(4) == 0 ? "0" : coefficient();
    return table.append("</RegressionTable>").toString().formatted(intercept, category);
  }

  private String coefficient() {
    return Double.toString(random.nextGaussian() / 10);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
