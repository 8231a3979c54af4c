package org.pillion.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/**
 * The route and model that a path names.
 *
 * @param route the kind of request
 * @param model name of the model, or null where the route has none
 * @param version version as in the path, or null for the one that serves
 */
public record Target(Route route, String model, String version) {
  private static final String OPENSCORING = "openscoring";

  /** V2's statistics of all models; one that is called so is described by its version. */
  private static final List<String> ALL_STATISTICS = List.of("models", "stats");

  /**
   * Reads a path.
   *
   * @throws RequestException with 404 when there is nothing at it
   */
  public static Target parse(String path) {
    List<String> parts = parts(path);
    return switch (parts.size()) {
      case 0 -> none(path);
      case 1 -> top(parts.get(0), path);
      default ->
          OPENSCORING.equals(parts.get(0))
              ? new Target(Route.OPENSCORING, null, null)
              : "v2".equals(parts.get(0)) ? v2(parts.subList(1, parts.size()), path) : none(path);
    };
  }

  /** The decoded parts of a path. */
  public static List<String> parts(String path) {
    return Arrays.stream(path.split("/", -1)).skip(1).map(Target::decoded).toList();
  }

  private static Target top(String name, String path) {
    return switch (name) {
      case "v2" -> new Target(Route.SERVER_METADATA, null, null);
      case "metrics" -> new Target(Route.METRICS, null, null);
      default -> none(path);
    };
  }

  private static Target v2(List<String> parts, String path) {
    return switch (parts.get(0)) {
      case "openapi.json" -> parts.size() == 1 ? new Target(Route.OPENAPI, null, null) : none(path);
      case "health" -> health(parts, path);
      case "models" -> parts.size() < 2 ? none(path) : model(parts, path);
      default -> none(path);
    };
  }

  private static Target health(List<String> parts, String path) {
    if (parts.equals(List.of("health", "live"))) {
      return new Target(Route.LIVE, null, null);
    }
    if (parts.equals(List.of("health", "ready"))) {
      return new Target(Route.READY, null, null);
    }
    return none(path);
  }

  private static Target model(List<String> parts, String path) {
    String model = parts.get(1);
    boolean versioned = parts.size() >= 4 && parts.get(2).equals("versions");
    String version = versioned ? parts.get(3) : null;
    List<String> rest = parts.subList(versioned ? 4 : 2, parts.size());
    if (parts.equals(ALL_STATISTICS)) {
      return new Target(Route.MODEL_STATISTICS, null, null);
    }
    if (rest.isEmpty()) {
      return new Target(Route.MODEL_METADATA, model, version);
    }
    if (rest.equals(List.of("ready"))) {
      return new Target(Route.MODEL_READY, model, version);
    }
    if (rest.equals(List.of("stats"))) {
      return new Target(Route.MODEL_STATISTICS, model, version);
    }
    if (rest.equals(List.of("rank"))) {
      return new Target(Route.RANK, model, version);
    }
    if (rest.equals(List.of("infer"))) {
      return new Target(Route.INFER, model, version);
    }
    return none(path);
  }

  /** The parts of a path after the first one. */
  public static List<String> rest(String path) {
    return Arrays.stream(path.split("/", -1)).skip(2).map(Target::decoded).toList();
  }

  private static String decoded(String part) {
    try {
      // URLDecoder is for forms, where a plus is a space.
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new RequestException(
          RequestException.Kind.INVALID, "the path has a broken percent escape");
    }
  }

  private static Target none(String path) {
    throw new RequestException(
        RequestException.Kind.NOT_FOUND, "there is nothing at " + Truncated.of(path));
  }
}
