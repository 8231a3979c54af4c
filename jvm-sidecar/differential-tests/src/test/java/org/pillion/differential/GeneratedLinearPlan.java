package org.pillion.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;

/** A random linear model on random preparation; it keeps its own books of what is made of what. */
final class GeneratedLinearPlan {
  /** Kinds of linear models. */
  enum Kind {
    BINOMIAL,
    MULTINOMIAL,
    REGRESSION,
    GENERALIZED,
    SUPPORT_VECTORS
  }

  private static final String[] LABELS = {"a", "b", "c"};

  /**
   * A column that a vector can be assembled of.
   *
   * @param origins per element, the inputs that it is made of
   */
  private record Part(String name, List<Set<String>> origins) {}

  private final Random random;
  private final Map<String, String> inputs = new LinkedHashMap<>();
  private final StringBuilder stages = new StringBuilder();
  private final Kind kind;
  private List<Set<String>> origins = new ArrayList<>();
  private String vector = "assembled";

  GeneratedLinearPlan(long seed) {
    random = new Random(seed);
    kind = Kind.values()[random.nextInt(Kind.values().length)];
    for (int i = 0; i < 6; i++) {
      inputs.put("x" + i, "double");
    }
    inputs.put("n", "integer");
    inputs.put("c", "string");
    inputs.put("d", "string");
    assemble(preparation());
    for (int i = random.nextInt(3); i > 0; i--) {
      change("v" + i);
    }
    model();
  }

  Kind kind() {
    return kind;
  }

  /** The sets of inputs that features are made of. */
  Set<Set<String>> origins() {
    return Set.copyOf(origins);
  }

  /** The outputs that are explained, and what they are made of. */
  Map<String, String> outputs() {
    return switch (kind) {
      case BINOMIAL ->
          Map.of("p0", "column='p' element='0'", "p1", "column='p' element='1'", "y", "column='y'");
      case MULTINOMIAL -> Map.of("p0", "column='p' element='0'", "p2", "column='p' element='2'");
      default -> Map.of("y", "column='y'");
    };
  }

  byte[] bytes() {
    return PlanText.document(inputs, stages.toString(), outputs());
  }

  private static Part part(String name, int size, String... fields) {
    return new Part(name, Collections.nCopies(size, new TreeSet<>(Set.of(fields))));
  }

  private List<Part> preparation() {
    stages
        .append("<sqlTransformer ansi='false'><column name='square'>")
        .append("<multiply><ref name='x0'/><ref name='x0'/></multiply></column>")
        .append("<column name='joint'><add><multiply><ref name='x0'/><ref name='x1'/></multiply>")
        .append("<ref name='x2'/></add></column>")
        .append("<column name='constant'><literal type='double' value='3.0'/></column>")
        .append("</sqlTransformer><imputer missing='NaN'>")
        .append("<column in='x3' out='known' surrogate='0.5'/></imputer>")
        .append("<bucketizer invalid='keep'><column in='x4' out='bucket'>-Infinity -1.0 0.0 1.0")
        .append(" Infinity</column></bucketizer><stringIndexer invalid='keep'>")
        .append("<column in='c' out='ci'><v>a</v><v>b</v></column></stringIndexer>")
        .append("<stringIndexer invalid='keep'><column in='d' out='di'><v>b</v><v>c</v></column>")
        .append("</stringIndexer><oneHotEncoder invalid='keep'>")
        .append("<column in='bucket' out='buckets' categories='4' size='5'/></oneHotEncoder>")
        .append("<oneHotEncoder invalid='error'><column in='ci' out='co' categories='3' size='2'/>")
        .append("<column in='di' out='do' categories='3' size='3'/></oneHotEncoder>")
        .append("<vectorAssembler invalid='keep' out='pair'><column in='x5'/><column in='x2'/>")
        .append("<column in='joint'/></vectorAssembler><interaction out='crossed'>")
        .append("<column in='pair'>1 1 1</column><column in='do'>1 1 1</column>")
        .append("<column in='ci'>3</column></interaction>");
    List<Set<String>> crossed = new ArrayList<>();
    for (List<String> other : List.of(List.of("x5"), List.of("x2"), List.of("x0", "x1", "x2"))) {
      Set<String> fields = new TreeSet<>(other);
      fields.addAll(List.of("d", "c"));
      crossed.addAll(Collections.nCopies(9, fields));
    }
    return List.of(
        part("square", 1, "x0"),
        part("joint", 1, "x0", "x1", "x2"),
        part("constant", 1),
        part("x0", 1, "x0"),
        part("x1", 1, "x1"),
        part("known", 1, "x3"),
        part("buckets", 5, "x4"),
        part("co", 2, "c"),
        part("do", 3, "d"),
        part("n", 1, "n"),
        new Part(
            "pair", List.of(Set.of("x5"), Set.of("x2"), new TreeSet<>(Set.of("x0", "x1", "x2")))),
        new Part("crossed", crossed));
  }

  private void assemble(List<Part> parts) {
    List<Part> chosen = new ArrayList<>(parts);
    Collections.shuffle(chosen, random);
    chosen = chosen.subList(0, 1 + random.nextInt(chosen.size()));
    stages.append("<vectorAssembler invalid='keep' out='assembled'>");
    for (Part part : chosen) {
      stages.append("<column in='").append(part.name).append("'/>");
      origins.addAll(part.origins);
    }
    stages.append("</vectorAssembler>");
  }

  private void change(String out) {
    int size = origins.size();
    String ends = " in='" + vector + "' out='" + out + "'";
    switch (random.nextInt(5)) {
      case 0 ->
          stages
              .append("<standardScaler" + ends + ">")
              .append(random.nextBoolean() ? PlanText.numbers("shift", gaussians(size)) : "")
              .append(PlanText.numbers("scale", gaussians(size)))
              .append("</standardScaler>");
      case 1 ->
          stages
              .append("<minMaxScaler" + ends + " min='-1.0' max='2.0'>")
              .append(PlanText.numbers("low", gaussians(size)))
              .append(PlanText.numbers("high", gaussians(size)))
              .append("</minMaxScaler>");
      case 2 ->
          stages
              .append("<elementwiseProduct" + ends + ">")
              .append(PlanText.numbers("factors", gaussians(size)))
              .append("</elementwiseProduct>");
      case 3 -> stages.append("<binarizer" + ends + " threshold='0.25'/>");
      default -> {
        List<Integer> all = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(all, random);
        List<Integer> kept = all.subList(0, 1 + random.nextInt(size));
        stages
            .append("<vectorSlicer" + ends + ">")
            .append(PlanText.wholes("indices", kept.stream().mapToInt(Integer::intValue)))
            .append("</vectorSlicer>");
        origins = kept.stream().map(origins::get).collect(Collectors.toList());
      }
    }
    vector = out;
  }

  private double[] gaussians(int size) {
    return random
        .doubles(size)
        .map(value -> random.nextInt(8) == 0 ? 0.0 : 4 * value - 2)
        .toArray();
  }

  private void model() {
    int size = origins.size();
    String features = " features='" + vector + "' prediction='y'";
    String intercept = " intercept='" + random.nextGaussian() + "'";
    switch (kind) {
      case BINOMIAL ->
          stages
              .append("<logisticRegression raw='r' probability='p' threshold='0.5'")
              .append(features + intercept + ">" + coefficients(size) + "</logisticRegression>");
      case MULTINOMIAL ->
          stages
              .append("<logisticRegression raw='r' probability='p'" + features + ">")
              .append("<matrix rows='3' columns='" + size + "' transposed='")
              .append(random.nextBoolean() + "'>")
              .append(PlanText.numbers("values", gaussians(3 * size)) + "</matrix>")
              .append(PlanText.numbers("intercepts", gaussians(3)) + "</logisticRegression>");
      case REGRESSION ->
          stages
              .append("<linearRegression" + features + intercept + ">")
              .append(coefficients(size) + "</linearRegression>");
      case GENERALIZED ->
          stages
              .append("<generalizedLinearRegression family='gaussian' link='identity'")
              .append(features + intercept + ">")
              .append(coefficients(size) + "</generalizedLinearRegression>");
      case SUPPORT_VECTORS ->
          stages
              .append("<linearSvc raw='r' threshold='0.0'" + features + intercept + ">")
              .append(coefficients(size) + "</linearSvc>");
    }
  }

  private String coefficients(int size) {
    String open = "<coefficients size='" + size + "'>";
    if (random.nextBoolean()) {
      return open + PlanText.numbers("values", gaussians(size)) + "</coefficients>";
    }
    int[] kept = IntStream.range(0, size).filter(i -> random.nextInt(3) > 0).toArray();
    return open
        + PlanText.wholes("indices", IntStream.of(kept))
        + PlanText.numbers("values", gaussians(kept.length))
        + "</coefficients>";
  }

  /** Rows of which each differs from the first in one input, the one at its position. */
  ColumnBatch rows(FeatureContract contract) {
    int rows = inputs.size() + 1;
    ColumnBatch.Builder batch = ColumnBatch.builder(contract, rows);
    for (int i = 0; i < inputs.size(); i++) {
      InputField field = contract.inputs().get(i);
      ColumnBuilder column = new ColumnBuilder(field.name(), field.type(), rows);
      Object first = value(field);
      for (int row = 0; row < rows; row++) {
        column.addBoxed(row == i + 1 ? value(field) : first);
      }
      Column built = column.build();
      batch.add(field.name(), built);
    }
    return batch.build();
  }

  private Object value(InputField field) {
    return switch (inputs.get(field.name())) {
      case "string" -> random.nextInt(5) == 0 ? null : LABELS[random.nextInt(LABELS.length)];
      case "integer" -> (long) random.nextInt(7);
      default ->
          field.name().equals("x3") && random.nextInt(3) == 0
              ? null
              : (Object) (random.nextInt(5) == 0 ? 0.0 : 2 * random.nextGaussian());
    };
  }
}
