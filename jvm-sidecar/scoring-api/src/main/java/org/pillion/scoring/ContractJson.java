package org.pillion.scoring;

import java.util.ArrayList;
import java.util.List;

/** The JSON form of a feature contract, written without a JSON library. */
final class ContractJson {
  private ContractJson() {}

  static String write(FeatureContract contract) {
    List<String> inputs = contract.inputs().stream().map(ContractJson::input).toList();
    List<String> outputs = contract.outputs().stream().map(ContractJson::output).toList();
    return "{\"inputs\":" + array(inputs) + ",\"outputs\":" + array(outputs) + "}";
  }

  private static String input(InputField field) {
    List<String> members = new ArrayList<>();
    members.add(member("name", field.name()));
    members.add(member("type", field.type().text()));
    if (field.format() != null) {
      members.add(member("format", field.format()));
    }
    members.add(member("optype", field.operationalType().text()));
    if (!field.values().isEmpty()) {
      members.add("\"values\":" + array(field.values().stream().map(ContractJson::value).toList()));
    }
    if (!field.intervals().isEmpty()) {
      members.add(
          "\"intervals\":"
              + array(field.intervals().stream().map(ContractJson::interval).toList()));
    }
    if (field.missing() != null) {
      members.add(member("missing", field.missing().text()));
    }
    if (field.missingReplacement() != null) {
      members.add("\"missing_replacement\":" + value(field.missingReplacement()));
    }
    members.add(member("invalid", field.invalid().text()));
    if (field.invalidReplacement() != null) {
      members.add("\"invalid_replacement\":" + value(field.invalidReplacement()));
    }
    return "{" + String.join(",", members) + "}";
  }

  private static String output(OutputField field) {
    List<String> members = new ArrayList<>();
    members.add(member("name", field.name()));
    members.add(member("type", field.type().text()));
    members.add(member("kind", field.kind().text()));
    members.add("\"class\":" + (field.classValue() == null ? "null" : quoted(field.classValue())));
    return "{" + String.join(",", members) + "}";
  }

  private static String interval(Interval interval) {
    return "{\"left\":"
        + value(interval.left())
        + ",\"left_closed\":"
        + interval.leftClosed()
        + ",\"right\":"
        + value(interval.right())
        + ",\"right_closed\":"
        + interval.rightClosed()
        + "}";
  }

  private static String array(List<String> items) {
    return "[" + String.join(",", items) + "]";
  }

  private static String member(String key, String text) {
    return quoted(key) + ":" + quoted(text);
  }

  /** Non-finite numbers have no JSON literal and are written as strings. */
  private static String value(Object value) {
    if (value instanceof Double number) {
      return Double.isFinite(number) ? number.toString() : quoted(number.toString());
    }
    if (value instanceof Float number) {
      return Float.isFinite(number) ? number.toString() : quoted(number.toString());
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    return quoted(value.toString());
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
