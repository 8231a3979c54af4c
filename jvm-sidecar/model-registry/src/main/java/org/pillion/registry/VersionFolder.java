package org.pillion.registry;

import java.nio.file.Path;

/**
 * A version's folder.
 *
 * @param path the folder
 * @param fingerprint changes whenever the content of one of its files does
 * @param readable whether all of its files could be read
 */
record VersionFolder(Path path, String fingerprint, boolean readable) {
  static final String MODEL = "model.pmml";
  static final String MANIFEST = "manifest.json";
  static final String VERIFICATION = "verification.jsonl";

  /** Not every version has it. */
  static final String ITEMS = "items.jsonl";
}
