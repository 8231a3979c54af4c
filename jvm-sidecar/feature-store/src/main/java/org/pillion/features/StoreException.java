package org.pillion.features;

/** The store cannot be read, or what it holds cannot be used; the message is one sentence. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
