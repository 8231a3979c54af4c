package org.pillion.server.openscoring;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.pillion.registry.Document;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.scoring.Engines;
import org.pillion.scoring.ScoringException;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/**
 * Documents that callers of the Openscoring dialect deployed; they are lost when the process ends.
 *
 * <p>Only that dialect serves them. They pass the same guards as those of the repository.
 */
final class Deployments {
  private static final int MAX_MODELS = 64;

  /** As Openscoring has them, and with dots. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  private final Engines engines = Engines.installed();
  private final Map<String, ModelVersion> deployed = new ConcurrentSkipListMap<>();

  /**
   * Deploys a document, and replaces one of the same id.
   *
   * @return whether there was none before
   * @throws RequestException when it cannot be scored, its id cannot be, or there are too many
   */
  boolean deploy(String id, byte[] pmml) {
    if (!ID.matcher(id).matches()) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "'%s' is not the id of a model: 1 to 128 letters, digits, '_', '-' and '.' are, which"
                  .formatted(Truncated.of(id))
              + " begin with a letter or digit");
    }
    if (!deployed.containsKey(id) && deployed.size() >= MAX_MODELS) {
      throw new RequestException(
          RequestException.Kind.DENIED, "there are " + MAX_MODELS + " deployed models already");
    }
    try {
      ModelVersion model =
          new ModelVersion(
              new VersionId(id, 1),
              engines.choose("auto", pmml).scorer(),
              Optional.empty(),
              Optional.empty(),
              Map.of(),
              Document.of(pmml),
              Optional.empty());
      return deployed.put(id, model) == null;
    } catch (ScoringException e) {
      throw new RequestException(RequestException.Kind.INVALID, e.getMessage());
    }
  }

  Optional<ModelVersion> find(String id) {
    return Optional.ofNullable(deployed.get(id));
  }

  /** Removes a document; empty where there was none. */
  Optional<ModelVersion> undeploy(String id) {
    return Optional.ofNullable(deployed.remove(id));
  }

  Map<String, ModelVersion> all() {
    return deployed;
  }
}
