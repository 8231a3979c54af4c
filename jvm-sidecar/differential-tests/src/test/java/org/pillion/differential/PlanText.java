package org.pillion.differential;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Writes documents around Spark plans. */
final class PlanText {
  private PlanText() {}

  /**
   * A document with a plan.
   *
   * @param inputs types by name, {@code double}, {@code integer} or {@code string}
   * @param stages the plan's stages
   * @param outputs names of outputs, to what the plan makes them of: attributes of its element
   */
  static byte[] document(Map<String, String> inputs, String stages, Map<String, String> outputs) {
    String plan =
        "<plan spark='4.2.1' blas='VectorBLAS' lanes='2' sparse-overhead='16'"
            + " xmlns='urn:pillion:spark-plan'>"
            + joined(inputs, "<input name='%s' type='%s'/>")
            + stages
            + joined(outputs, "<output field='%s' %s/>")
            + "</plan>";
    String fields =
        inputs.entrySet().stream()
            .map(
                in ->
                    "<DataField name='%s' optype='%s' dataType='%s'/>"
                        .formatted(
                            in.getKey(),
                            in.getValue().equals("string") ? "categorical" : "continuous",
                            in.getValue()))
            .collect(Collectors.joining());
    String document =
        "<PMML xmlns='http://www.dmg.org/PMML-4_4' version='4.4'><Header>"
            + "<Extension extender='pillion' name='spark-plan' value='1'><![CDATA["
            + plan
            + "]]></Extension></Header><DataDictionary>"
            + fields
            + "</DataDictionary><RegressionModel functionName='regression'><MiningSchema>"
            + joined(inputs, "<MiningField name='%s'/>")
            + "</MiningSchema><Output>"
            + joined(
                outputs, "<OutputField name='%s' dataType='double' feature='transformedValue'/>")
            + "</Output><RegressionTable intercept='0'/></RegressionModel></PMML>";
    return document.getBytes(StandardCharsets.UTF_8);
  }

  private static String joined(Map<String, String> parts, String form) {
    return parts.entrySet().stream()
        .map(part -> form.formatted(part.getKey(), part.getValue()))
        .collect(Collectors.joining());
  }

  static String numbers(String name, DoubleStream values) {
    return values
        .mapToObj(Double::toString)
        .collect(Collectors.joining(" ", "<" + name + ">", "</" + name + ">"));
  }

  static String numbers(String name, double... values) {
    return numbers(name, Arrays.stream(values));
  }

  static String wholes(String name, IntStream values) {
    return values
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" ", "<" + name + ">", "</" + name + ">"));
  }
}
