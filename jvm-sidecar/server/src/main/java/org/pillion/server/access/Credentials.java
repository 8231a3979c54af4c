package org.pillion.server.access;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.pillion.server.metrics.Metrics;

/**
 * What the sidecar shows of itself, and what it wants to be shown: read at the start, and again
 * whenever the files change.
 */
public final class Credentials implements AutoCloseable {
  private final Optional<TlsFiles> files;
  private final Optional<Credential<TlsIdentity>> tls;
  private final Optional<Credential<HostTokens>> tokens;
  private final Optional<Credential<BearerToken>> operatorToken;
  private final CredentialWatch watch;

  /**
   * Reads the files.
   *
   * @param files those of TLS; empty for clear text
   * @param tokenFile the hosts' tokens; empty where none are needed
   * @param operatorFile the operators' token; empty where no file has it
   * @throws CredentialException when one of them cannot be used
   */
  public Credentials(
      Optional<TlsFiles> files,
      Optional<Path> tokenFile,
      Optional<Path> operatorFile,
      Metrics metrics)
      throws CredentialException {
    this.files = files;
    tls = files.isPresent() ? Optional.of(tls(files.get().files())) : Optional.empty();
    tokens = tokenFile.isPresent() ? Optional.of(tokens(tokenFile.get())) : Optional.empty();
    operatorToken =
        operatorFile.isPresent()
            ? Optional.of(operatorToken(operatorFile.get()))
            : Optional.empty();
    tls.ifPresent(
        credential ->
            metrics.watchCertificate(() -> credential.current().expiry().getEpochSecond()));
    List<Credential<?>> all =
        Stream.<Optional<? extends Credential<?>>>of(tls, tokens, operatorToken)
            .<Credential<?>>flatMap(Optional::stream)
            .toList();
    all.forEach(
        credential ->
            metrics.watchCredential(credential.name(), () -> !credential.problem().isEmpty()));
    watch = new CredentialWatch(all);
  }

  private static Credential<TlsIdentity> tls(List<CredentialFile> named)
      throws CredentialException {
    return new Credential<>("tls", named, contents -> TlsIdentity.read(named, contents));
  }

  private static Credential<HostTokens> tokens(Path path) throws CredentialException {
    CredentialFile file = new CredentialFile("--tokens", path);
    return new Credential<>(
        "tokens", List.of(file), contents -> HostTokens.read(file, contents.get(0)));
  }

  private static Credential<BearerToken> operatorToken(Path path) throws CredentialException {
    CredentialFile file = new CredentialFile("--admin-token-file", path);
    return new Credential<>(
        "admin-token", List.of(file), contents -> BearerToken.read(file, contents.get(0)));
  }

  /** The certificate and key as they are now; empty for clear text. */
  public Optional<TlsIdentity> tls() {
    return tls.map(Credential::current);
  }

  /**
   * The operators' token as it is now.
   *
   * @param otherwise the token where no file has it
   */
  public Supplier<BearerToken> operators(BearerToken otherwise) {
    return operatorToken.<Supplier<BearerToken>>map(now -> now::current).orElse(() -> otherwise);
  }

  /** Who is let in where hosts call; empty where everybody is. */
  public Optional<Access> hosts(Optional<Supplier<BearerToken>> operators) {
    boolean byCertificate = files.flatMap(TlsFiles::clientCa).isPresent();
    return tokens.isEmpty() && !byCertificate
        ? Optional.empty()
        : Optional.of(new HostAccess(tokens.map(now -> now::current), byCertificate, operators));
  }

  /**
   * Begins to look at the files.
   *
   * @param servers makes new connections use another certificate and key
   */
  public void watch(Consumer<TlsIdentity> servers) {
    tls.ifPresent(credential -> credential.onChange(servers));
    watch.start();
  }

  @Override
  public void close() {
    watch.close();
  }
}
