package org.pillion.registry;

/** Why a version may not serve, in one sentence. */
final class VersionRefused extends Exception {
  private static final long serialVersionUID = 1L;

  VersionRefused(String reason) {
    super(reason);
  }
}
