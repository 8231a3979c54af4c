package org.pillion.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
  /** Of a model, or among models of them all, where no model is called so. */
  public static final String STATISTICS = "stats";

  private static final String OPENSCORING = "openscoring";
  private static final String VERSIONS = "versions";

  private static final Map<List<String>, Route> FIXED =
      Map.of(
          List.of("v2"), Route.SERVER_METADATA,
          List.of("v2", "openapi.json"), Route.OPENAPI,
          List.of("v2", "health", "live"), Route.LIVE,
          List.of("v2", "health", "ready"), Route.READY,
          List.of("v2", "models", STATISTICS), Route.MODEL_STATISTICS,
          List.of("metrics"), Route.METRICS);

  /** By what follows the model, and its version where there is one. */
  private static final Map<List<String>, Route> OF_A_MODEL =
      Map.of(
          List.of(), Route.MODEL_METADATA,
          List.of("ready"), Route.MODEL_READY,
          List.of(STATISTICS), Route.MODEL_STATISTICS,
          List.of("rank"), Route.RANK,
          List.of("infer"), Route.INFER);

  /**
   * Reads a path.
   *
   * @throws RequestException with 404 when there is nothing at it
   */
  public static Target parse(String path) {
    List<String> parts = parts(path);
    Route fixed = FIXED.get(parts);
    if (fixed != null) {
      return new Target(fixed, null, null);
    }
    if (parts.size() > 1 && parts.get(0).equals(OPENSCORING)) {
      return new Target(Route.OPENSCORING, null, null);
    }
    if (parts.size() > 2 && parts.subList(0, 2).equals(List.of("v2", "models"))) {
      boolean versioned = parts.size() > 4 && parts.get(3).equals(VERSIONS);
      Route route = OF_A_MODEL.get(parts.subList(versioned ? 5 : 3, parts.size()));
      if (route != null) {
        return new Target(route, parts.get(2), versioned ? parts.get(4) : null);
      }
    }
    throw new RequestException(
        RequestException.Kind.NOT_FOUND, "there is nothing at " + Truncated.of(path));
  }

  /** Whether a path is of Openscoring's dialect, whatever is at it. */
  public static boolean isOpenscoring(String path) {
    return path.startsWith("/" + OPENSCORING + "/");
  }

  /** The decoded parts of a path. */
  public static List<String> parts(String path) {
    return Arrays.stream(path.split("/", -1)).skip(1).map(Target::decoded).toList();
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
}
