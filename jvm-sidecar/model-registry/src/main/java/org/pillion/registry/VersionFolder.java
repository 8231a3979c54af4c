package org.pillion.registry;

import java.nio.file.Path;

/**
 * A version's folder.
 *
 * @param path the folder
 * @param fingerprint changes whenever the content of one of its files does
 */
record VersionFolder(Path path, String fingerprint) {
  static final String MODEL = "model.pmml";
  static final String MANIFEST = "manifest.json";
  static final String VERIFICATION = "verification.jsonl";

  /** Not every version has it. */
  static final String ITEMS = "items.jsonl";
}
