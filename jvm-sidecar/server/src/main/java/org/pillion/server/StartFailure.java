package org.pillion.server;

/** Why a sidecar cannot start, in one sentence. */
final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  StartFailure(String sentence) {
    super(sentence);
  }
}
