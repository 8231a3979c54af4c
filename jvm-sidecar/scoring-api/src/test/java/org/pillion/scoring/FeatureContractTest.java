package org.pillion.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FeatureContractTest {
  @Test
  void toJson_everyProperty_isWritten() {
    InputField size =
        new InputField(
            "a \"size\"",
            FieldType.STRING,
            OperationalType.ORDINAL,
            List.of("S", "L\n"),
            List.of(),
            MissingTreatment.AS_MODE,
            "S",
            InvalidTreatment.AS_MISSING,
            null);
    InputField age =
        new InputField(
            "age",
            FieldType.DOUBLE,
            OperationalType.CONTINUOUS,
            List.of(),
            List.of(new Interval(0, true, Double.POSITIVE_INFINITY, false)),
            null,
            null,
            InvalidTreatment.RETURN_INVALID,
            null);
    OutputField yes = new OutputField("p(1)", FieldType.DOUBLE, OutputKind.PROBABILITY, "1");

    assertEquals(
        """
        {"inputs":[{"name":"a \\"size\\"","type":"string","optype":"ordinal",\
        "values":["S","L\\u000a"],"missing":"asMode","missing_replacement":"S",\
        "invalid":"asMissing"},{"name":"age","type":"double","optype":"continuous",\
        "intervals":[{"left":0.0,"left_closed":true,"right":"Infinity","right_closed":false}],\
        "invalid":"returnInvalid"}],"outputs":[{"name":"p(1)","type":"double",\
        "kind":"probability","class":"1"}]}""",
        new FeatureContract(List.of(size, age), List.of(yes)).toJson());
  }

  @Test
  void of_twoInputsOfOneName_isInvalidModel() {
    InputField x = InputField.of("x", FieldType.DOUBLE, OperationalType.CONTINUOUS);

    assertThrows(InvalidModel.class, () -> new FeatureContract(List.of(x, x), List.of()));
  }

  @Test
  void elements_inputsThatAreNumberedFromZero_areFoundInTheirOrder() {
    List<InputField> inputs =
        List.of("v_1", "other", "v_0", "v_3", "v").stream()
            .map(name -> InputField.of(name, FieldType.DOUBLE, OperationalType.CONTINUOUS))
            .toList();
    FeatureContract contract = new FeatureContract(inputs, List.of());

    assertArrayEquals(new int[] {2, 0}, contract.elements("v"));
    assertArrayEquals(new int[0], contract.elements("other"));
  }
}
