package org.pillion.server.http;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.scoring.Engines;
import org.pillion.scoring.ScoringException;
import org.pillion.server.inference.RequestException;

/**
 * Documents that callers of the Openscoring dialect deployed; they are lost when the process ends.
 *
 * <p>Only that dialect serves them. They pass the same guards as those of the repository.
 */
final class Deployments {
  private static final int MAX_MODELS = 64;

  private final Engines engines = Engines.installed();
  private final Map<String, Deployment> deployed = new ConcurrentSkipListMap<>();

  /**
   * A deployed document.
   *
   * @param pmml its bytes
   */
  record Deployment(ModelVersion model, byte[] pmml) {}

  /**
   * Deploys a document, and replaces one of the same id.
   *
   * @return whether there was none before
   * @throws RequestException when it cannot be scored, or there are too many
   */
  boolean deploy(String id, byte[] pmml) {
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
              Optional.empty());
      return deployed.put(id, new Deployment(model, pmml)) == null;
    } catch (ScoringException e) {
      throw new RequestException(RequestException.Kind.INVALID, e.getMessage());
    }
  }

  Optional<Deployment> find(String id) {
    return Optional.ofNullable(deployed.get(id));
  }

  /** Removes a document; false where there was none. */
  boolean undeploy(String id) {
    return deployed.remove(id) != null;
  }

  Map<String, Deployment> all() {
    return deployed;
  }
}
