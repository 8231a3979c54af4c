package org.pillion.server.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is made of some files, again each time that they have changed. A change that cannot be used
 * leaves in force what was.
 *
 * @param <T> what is made of them
 */
final class Credential<T> {
  /** Makes something of the bytes of files, in their order. */
  interface Reader<T> {
    T read(List<byte[]> contents) throws CredentialException;
  }

  private final String name;
  private final List<CredentialFile> files;
  private final Reader<T> reader;
  private Consumer<T> use = made -> {};
  private List<byte[]> contents;
  private String problem = "";
  private volatile T current;

  /**
   * Reads the files for the first time.
   *
   * @param name what they are, for logs and metrics
   */
  Credential(String name, List<CredentialFile> files, Reader<T> reader) throws CredentialException {
    this.name = name;
    this.files = files;
    this.reader = reader;
    this.contents = contents();
    this.current = reader.read(contents);
  }

  /** Sets what is done with what is made of every later content. */
  synchronized void onChange(Consumer<T> consumer) {
    use = consumer;
  }

  /** What is in force. */
  T current() {
    return current;
  }

  String name() {
    return name;
  }

  /** Why the files as they are now are not in force; empty where they are. */
  synchronized String problem() {
    return problem;
  }

  /**
   * Looks whether the files have changed, and puts in force what can be used.
   *
   * @return whether what is in force or the problem has changed
   */
  synchronized boolean refresh() {
    String before = problem;
    try {
      List<byte[]> now = contents();
      if (areSame(now, contents)) {
        // The former content may be back after files that could not be read.
        problem = "";
        return !before.isEmpty();
      }
      T made = reader.read(now);
      contents = now;
      current = made;
      problem = "";
      use.accept(made);
      return true;
    } catch (CredentialException e) {
      problem = e.getMessage();
      return !problem.equals(before);
    }
  }

  private List<byte[]> contents() throws CredentialException {
    List<byte[]> read = new ArrayList<>();
    for (CredentialFile file : files) {
      read.add(file.read());
    }
    return read;
  }

  private static boolean areSame(List<byte[]> some, List<byte[]> others) {
    for (int i = 0; i < some.size(); i++) {
      if (!Arrays.equals(some.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }
}
