package org.pillion.scoring.pmml.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.pmml.field.ArrayContent;
import org.pillion.scoring.pmml.field.Cell;
import org.pillion.scoring.pmml.field.DataType;
import org.pillion.scoring.pmml.field.Field;
import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.Program;
import org.pillion.scoring.pmml.field.ValueType;
import org.pillion.scoring.pmml.field.Values;

/** {@code ClusteringModel} by distance to centres. */
final class ClusteringModel extends Model {
  private final Field[] fields;
  private final String[] ids;
  private final double[][] centres;
  private final double innerPower;
  private final double outerPower;
  private final String[] names;
  private final Map<Integer, Field> affinities = new LinkedHashMap<>();
  private Field name;
  private Field affinity;

  private ClusteringModel(
      ModelContext context,
      Field[] fields,
      String[] ids,
      String[] names,
      double[][] centres,
      double innerPower,
      double outerPower) {
    super(context.label(), null);
    this.fields = fields;
    this.ids = ids;
    this.names = names;
    this.centres = centres;
    this.innerPower = innerPower;
    this.outerPower = outerPower;
  }

  static Model compile(ModelContext context) {
    Element element = context.element();
    element.ignore("numberOfClusters");
    if (!element.require("modelClass").equals("centerBased")) {
      throw element.unsupported("modelClass");
    }
    if (context.target().type().data() != DataType.STRING) {
      throw element.unsupportedUse("it has a target field of its own");
    }
    Element measure = element.requireChild("ComparisonMeasure");
    if (!measure.require("kind").equals("distance")) {
      throw measure.unsupported("kind");
    }
    if (!measure.attribute("compareFunction", "absDiff").equals("absDiff")) {
      throw measure.unsupported("compareFunction");
    }
    Element distance = measure.requireRemaining("measure");
    double inner =
        switch (distance.name()) {
          case "euclidean", "squaredEuclidean" -> 2d;
          case "cityBlock" -> 1d;
          default -> throw distance.unsupported();
        };
    double outer = distance.name().equals("euclidean") ? 2d : 1d;
    List<Field> fields = new ArrayList<>();
    for (Element child : element.children("ClusteringField")) {
      if (!child.attribute("isCenterField", "true").equals("true")) {
        throw child.unsupported("isCenterField");
      }
      if (!child.attribute("compareFunction", "absDiff").equals("absDiff")) {
        throw child.unsupported("compareFunction");
      }
      Field field = context.scope().resolve(child, "field");
      if (!field.type().data().isNumeric()) {
        throw child.unsupportedUse("the field '" + field.name() + "' is not a number");
      }
      fields.add(field);
    }
    List<Element> clusters = element.children("Cluster");
    if (fields.isEmpty() || clusters.isEmpty()) {
      throw element.invalid("has no ClusteringField or no Cluster");
    }
    String[] ids = new String[clusters.size()];
    String[] names = new String[ids.length];
    double[][] centres = new double[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      Element cluster = clusters.get(i);
      cluster.ignore("size");
      names[i] = cluster.attribute("name");
      // One without an id is known by its number, as all of PMML's entities are.
      ids[i] = cluster.attribute("id", Integer.toString(i + 1));
      centres[i] = ArrayContent.numbers(cluster.requireChild("Array"));
      if (centres[i].length != fields.size()) {
        throw cluster.invalid("has another number of coordinates than there are fields");
      }
    }
    if (new HashSet<>(List.of(ids)).size() != ids.length) {
      throw element.invalid("has two clusters of one id");
    }
    return new ClusteringModel(
        context, fields.toArray(new Field[0]), ids, names, centres, inner, outer);
  }

  @Override
  Field result(ModelContext context, String feature, Element output) {
    Program program = context.scope().program();
    switch (feature) {
      case "clusterId", "entityId" -> {
        requireFirst(output);
        return label();
      }
      case "predictedDisplayValue" -> {
        if (name == null) {
          name = program.field("name of the cluster", ValueType.CATEGORICAL_STRING);
        }
        return name;
      }
      case "affinity", "clusterAffinity", "entityAffinity" -> {
        requireFirst(output);
        if (output.attribute("value") != null) {
          int cluster = List.of(ids).indexOf(output.require("value"));
          return affinities.computeIfAbsent(cluster, unused -> affinity(program));
        }
        if (affinity == null) {
          affinity = affinity(program);
        }
        return affinity;
      }
      default -> {
        return null;
      }
    }
  }

  private static Field affinity(Program program) {
    return program.field("distance of a cluster", ValueType.CONTINUOUS_DOUBLE);
  }

  @Override
  public void run(Frame frame) {
    Values labels = start(frame);
    Values namesOfRows = name == null ? null : start(frame, name);
    Values distancesOfRows = affinity == null ? null : start(frame, affinity);
    affinities.values().forEach(field -> start(frame, field));
    double[] distances = new double[ids.length];
    for (int row = 0; row < frame.rows(); row++) {
      if (!frame.isActive(row)) {
        continue;
      }
      int present = present(frame, row);
      if (present > 0) {
        int nearest = nearest(frame, row, (double) fields.length / present, distances);
        labels.texts[row] = ids[nearest];
        labels.states[row] = Cell.VALID;
        if (namesOfRows != null && names[nearest] != null) {
          namesOfRows.texts[row] = names[nearest];
          namesOfRows.states[row] = Cell.VALID;
        }
        if (distancesOfRows != null) {
          distancesOfRows.numbers[row] = distances[nearest];
          distancesOfRows.states[row] = Cell.VALID;
        }
        report(frame, row, distances);
      } else if (present == 0) {
        frame.failPrediction(row, "all fields of its clusters are missing");
      }
    }
  }

  /** Number of fields that are not missing; negative where one has failed. */
  private int present(Frame frame, int row) {
    int present = 0;
    for (Field field : fields) {
      Values values = frame.values(field);
      if (values.states[row] == Cell.FAILED) {
        frame.failPrediction(row, values.reason(row));
        return -1;
      }
      if (values.hasValue(row)) {
        present++;
      }
    }
    return present;
  }

  /** Returns the distances of the clusters that outputs ask for; one that is none is far away. */
  private void report(Frame frame, int row, double[] distances) {
    affinities.forEach(
        (cluster, field) -> {
          Values values = frame.values(field);
          values.numbers[row] = cluster < 0 ? Double.POSITIVE_INFINITY : distances[cluster];
          values.states[row] = Cell.VALID;
        });
  }

  private int nearest(Frame frame, int row, double adjustment, double[] distances) {
    int nearest = 0;
    for (int i = 0; i < centres.length; i++) {
      distances[i] = distance(frame, row, centres[i], adjustment);
      if (Double.compare(distances[i], distances[nearest]) < 0) {
        nearest = i;
      }
    }
    return nearest;
  }

  private double distance(Frame frame, int row, double[] centre, double adjustment) {
    double sum = 0d;
    for (int i = 0; i < fields.length; i++) {
      Values values = frame.values(fields[i]);
      if (values.hasValue(row)) {
        sum += Math.pow(Math.abs(values.numbers[row] - centre[i]), innerPower);
      }
    }
    return Math.pow(sum * adjustment, 1d / outerPower);
  }
}
