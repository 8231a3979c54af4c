package org.pillion.server.access;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The PEM files of TLS.
 *
 * @param certificate the server's certificate, and after it those of its issuers but the root
 * @param key its private key
 * @param clientCa issuers of the certificates that clients may show; empty where they need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {
  public static final String CERTIFICATE = "--tls-cert";
  public static final String KEY = "--tls-key";
  public static final String CLIENT_CA = "--tls-client-ca";

  /** The files in the order of {@link TlsIdentity#read}. */
  List<CredentialFile> files() {
    List<CredentialFile> files = new ArrayList<>();
    files.add(new CredentialFile(CERTIFICATE, certificate));
    files.add(new CredentialFile(KEY, key));
    clientCa.ifPresent(path -> files.add(new CredentialFile(CLIENT_CA, path)));
    return files;
  }
}
