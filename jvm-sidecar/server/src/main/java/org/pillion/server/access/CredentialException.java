package org.pillion.server.access;

/** A file of certificates, keys or tokens that cannot be used; the message is one sentence. */
public final class CredentialException extends Exception {
  private static final long serialVersionUID = 1L;

  CredentialException(String sentence) {
    super(sentence);
  }
}
