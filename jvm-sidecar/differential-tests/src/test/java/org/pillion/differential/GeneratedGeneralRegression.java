package org.pillion.differential;

import java.util.List;
import java.util.Random;

/** A random {@code GeneralRegressionModel}; {@code %s} twice is schema and output. */
final class GeneratedGeneralRegression {
  private static final int PARAMETERS = 4;

  private final GeneratedFields fields;
  private final Random random;
  private final StringBuilder factors = new StringBuilder();
  private final StringBuilder covariates = new StringBuilder();
  private final StringBuilder matrix = new StringBuilder();

  GeneratedGeneralRegression(GeneratedFields fields) {
    this.fields = fields;
    this.random = fields.random;
    for (int parameter = 1; parameter < PARAMETERS; parameter++) {
      predict("p" + parameter);
    }
  }

  private void predict(String parameter) {
    for (int i = 0; i <= random.nextInt(2); i++) {
      GeneratedFields.Field field = random.nextBoolean() ? fields.any() : fields.number(false);
      boolean factor = !field.isNumber() || !field.isContinuous();
      StringBuilder list = factor ? factors : covariates;
      String predictor = "<Predictor name='" + field.name() + "'/>";
      if (list.indexOf(predictor) < 0) {
        list.append(predictor);
      }
      String value = factor ? fields.constant(field) : random.nextInt(3) == 0 ? "2" : "1";
      matrix.append(
          "<PPCell value='%s' predictorName='%s' parameterName='%s'/>"
              .formatted(value, field.name(), parameter));
    }
  }

  String number() {
    String type =
        switch (random.nextInt(3)) {
          case 0 -> "modelType='generalLinear'";
          case 1 -> "modelType='regression'";
          default ->
              "modelType='generalizedLinear' linkFunction='"
                  + List.of("identity", "log", "logit", "cloglog").get(random.nextInt(4))
                  + "'";
        };
    return model("regression", type, cells(""));
  }

  /** Shares of some classes, of which one has no coefficients. */
  String classes(List<String> classes) {
    int last = random.nextInt(classes.size());
    StringBuilder cells = new StringBuilder();
    for (String name : classes) {
      if (classes.indexOf(name) != last) {
        cells.append(cells(" targetCategory='" + name + "'"));
      }
    }
    String reference =
        random.nextBoolean() ? "" : " targetReferenceCategory='" + classes.get(last) + "'";
    return model("classification", "modelType='multinomialLogistic'" + reference, cells.toString());
  }

  private String cells(String category) {
    StringBuilder cells = new StringBuilder();
    for (int parameter = 0; parameter < PARAMETERS; parameter++) {
      if (parameter == 0 || random.nextInt(4) > 0) {
        cells.append(
            "<PCell parameterName='p%d'%s beta='%s'/>"
                .formatted(parameter, category, random.nextGaussian() / 20));
      }
    }
    return cells.toString();
  }

  private String model(String function, String type, String cells) {
    StringBuilder parameters = new StringBuilder();
    for (int parameter = 0; parameter < PARAMETERS; parameter++) {
      parameters.append("<Parameter name='p" + parameter + "'/>");
    }
    return "<GeneralRegressionModel functionName='%s' %s>".formatted(function, type)
        + "%s%s<ParameterList>"
        + parameters
        + "</ParameterList><FactorList>"
        + factors
        + "</FactorList><CovariateList>"
        + covariates
        + "</CovariateList><PPMatrix>"
        + matrix
        + "</PPMatrix><ParamMatrix>"
        + cells
        + "</ParamMatrix></GeneralRegressionModel>";
  }
}
