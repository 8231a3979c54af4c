package org.pillion.server;

/** Why a sidecar cannot start, in one sentence. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  StartException(String sentence) {
    super(sentence);
  }
}
