package org.pillion.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pillion.registry.ModelRepository;
import org.pillion.server.access.BearerToken;
import org.pillion.server.access.TlsFiles;
import org.pillion.server.admin.AdminTokenFile;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line's options, each of which the environment or a file can set as well. */
final class Options {
  @Option(
      names = Configuration.FILE_OPTION,
      paramLabel = "FILE",
      description = {
        "Properties with the options' names as keys, without the dashes.",
        "Precedence: command line, PILLION_SIDECAR_<OPTION>, this file, default."
      })
  Path config;

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = "Model repository: DIR/<model>/<version>/.")
  Path models;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      description = "Where HTTP listens; port 0 for any (default: ${DEFAULT-VALUE}).")
  HostPort http;

  @Option(
      names = "--grpc",
      paramLabel = "HOST:PORT",
      description =
          "Where gRPC listens (default: port 8081 of --http's host, or any where its port is 0).")
  HostPort grpc;

  @Option(
      names = "--uds",
      paramLabel = "PATH",
      description = "Unix domain socket where HTTP and gRPC listen as well.")
  Path socket;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description = {
        "Where operators load, unload, promote and roll back (default: nowhere).",
        "Needs a token: PILLION_SIDECAR_ADMIN_TOKEN or --admin-token-file."
      })
  HostPort admin;

  @Option(
      names = "--admin-token-file",
      paramLabel = "FILE",
      description = {
        "The admin token; the file is made with a random one where it is not there, and read",
        "again when it changes."
      })
  Path adminTokenFile;

  @Option(
      names = TlsFiles.CERTIFICATE,
      paramLabel = "FILE",
      description = {
        "PEM file of the certificate that TCP addresses show, with those of its issuers.",
        "TLS is on where it is given; files of TLS are read again when they change."
      })
  Path tlsCertificate;

  @Option(
      names = TlsFiles.KEY,
      paramLabel = "FILE",
      description = "PEM file of the certificate's private key, not encrypted.")
  Path tlsKey;

  @Option(
      names = TlsFiles.CLIENT_CA,
      paramLabel = "FILE",
      description = {
        "PEM file of issuers: hosts are let in by a certificate of theirs,",
        "and operators need one beside their token."
      })
  Path tlsClientCa;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = {
        "Lets hosts in by token; a line NAME:HASH for each, made with --hash-token.",
        "The file is read again when it changes. Unix sockets need no token."
      })
  Path tokens;

  @Option(
      names = "--hash-token",
      paramLabel = "NAME",
      description = "Read a token from standard input, print its line for --tokens, and exit.")
  String hashToken;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description = "Keeps operators' decisions (default: .serving.json in the repository).")
  Path state;

  @Option(
      names = "--require",
      paramLabel = "MODEL",
      split = ",",
      description = "Models that must serve before the sidecar is ready (default: all found).")
  List<String> required = List.of();

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "Engine for every version: auto, compiled or jpmml (default: its manifest's).")
  String engine;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that parse and score (default: one per processor).")
  Integer workers;

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = {
        "Requests that may wait for a worker.",
        "Default: one per MiB of heap, at most 256; here ${DEFAULT-VALUE}."
      })
  int queue;

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      description = {
        "Requests that may be under way; more are refused.",
        "Default: four per MiB of heap, at most 1024; here ${DEFAULT-VALUE}."
      })
  int inFlight;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = {
        "Connections that may be open; more are closed.",
        "Default: eight per MiB of heap, at most 10000; here ${DEFAULT-VALUE}."
      })
  int connections;

  @Option(
      names = "--request-memory",
      paramLabel = "BYTES",
      description = {
        "Memory that the requests under way may take together: bodies, columns, answers.",
        "One request may take half of it. Default: half of the heap; here ${DEFAULT-VALUE}."
      })
  long requestMemory;

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      description = {
        "Longest body of a request.",
        "Default: a sixteenth of the heap, at most 67108864; here ${DEFAULT-VALUE}."
      })
  long maxBody;

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      description = {
        "Most rows in a request.",
        "Default: one per 4 KiB of heap, at most 100000; here ${DEFAULT-VALUE}."
      })
  int maxRows;

  @Option(
      names = "--poll",
      paramLabel = "MILLIS",
      defaultValue = "" + Settings.DEFAULT_POLL_MILLIS,
      description =
          "Time between looks at the repository, 0 for never (default: ${DEFAULT-VALUE}).")
  long pollMillis;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "Format of the log on standard error: text or json (default: text).")
  LogFormat logFormat;

  @Option(
      names = "--check",
      description = "Load and verify every version, name folders that are none, and exit 0 or 1.")
  boolean check;

  @Option(
      names = "--exit-with-stdin",
      description = "Exit when standard input ends, and so with the parent process.")
  boolean exitWithStdin;

  @Option(
      names = "--patience",
      paramLabel = "MILLIS",
      defaultValue = "" + Settings.DEFAULT_PATIENCE_MILLIS,
      description =
          "Time that a request may take to arrive, and its answer to be taken"
              + " (default: ${DEFAULT-VALUE}).")
  long patienceMillis;

  @Option(
      names = "--access-log",
      description = "Log every request with its id, trace, status and time.")
  boolean accessLog;

  @Mixin StoreOptions store;

  /**
   * The settings.
   *
   * @param environment has the secrets
   * @throws IllegalArgumentException naming an option that is out of range
   */
  Settings settings(Map<String, String> environment) {
    int threads = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
    requirePositive("--workers", threads);
    requirePositive("--queue", queue);
    requirePositive("--max-in-flight", inFlight);
    requirePositive("--max-connections", connections);
    requirePositive("--request-memory", requestMemory);
    requirePositive("--max-body", maxBody);
    if (maxBody > Settings.LARGEST_MAX_BODY) {
      throw new IllegalArgumentException("--max-body must be at most " + Settings.LARGEST_MAX_BODY);
    }
    requirePositive("--max-rows", maxRows);
    requirePositive("--patience", patienceMillis);
    if (pollMillis < 0) {
      throw new IllegalArgumentException("--poll must not be negative");
    }
    return new Settings(
        repository(),
        new Settings.Addresses(
            http,
            grpcAddress(),
            Optional.ofNullable(socket),
            admin(environment.get(Configuration.ADMIN_TOKEN))),
        new Settings.Access(
            tls(),
            Optional.ofNullable(tokens),
            Optional.ofNullable(admin == null ? null : adminTokenFile)),
        new Settings.Limits(
            threads,
            queue,
            inFlight,
            connections,
            requestMemory,
            maxBody,
            maxRows,
            accessLog,
            Duration.ofMillis(patienceMillis)),
        store.settings(environment));
  }

  Settings.Repository repository() {
    if (models == null) {
      throw new IllegalArgumentException("--models is needed: a model repository");
    }
    Path file = state == null ? models.resolve(ModelRepository.STATE) : state;
    return new Settings.Repository(
        models,
        file,
        Set.copyOf(required),
        Duration.ofMillis(pollMillis),
        Optional.ofNullable(engine));
  }

  private Optional<TlsFiles> tls() {
    boolean any = tlsCertificate != null || tlsKey != null || tlsClientCa != null;
    if (any && (tlsCertificate == null || tlsKey == null)) {
      throw new IllegalArgumentException(
          "TLS needs both %s and %s".formatted(TlsFiles.CERTIFICATE, TlsFiles.KEY));
    }
    return any
        ? Optional.of(new TlsFiles(tlsCertificate, tlsKey, Optional.ofNullable(tlsClientCa)))
        : Optional.empty();
  }

  private Optional<Settings.Admin> admin(String fromEnvironment) {
    if (admin == null) {
      return Optional.empty();
    }
    if (adminTokenFile == null && fromEnvironment == null) {
      throw new IllegalArgumentException(
          "--admin needs a token: set "
              + Configuration.ADMIN_TOKEN
              + " or name a file with --admin-token-file");
    }
    String token =
        adminTokenFile == null ? fromEnvironment.strip() : AdminTokenFile.read(adminTokenFile);
    if (token.length() < BearerToken.SHORTEST) {
      throw new IllegalArgumentException(
          "the admin token must have at least " + BearerToken.SHORTEST + " characters");
    }
    return Optional.of(new Settings.Admin(admin, BearerToken.of(token)));
  }

  /** Two sidecars that take any port for HTTP must not meet on one for gRPC. */
  private HostPort grpcAddress() {
    if (grpc != null) {
      return grpc;
    }
    return new HostPort(http.host(), http.port() == 0 ? 0 : Settings.DEFAULT_GRPC_PORT);
  }

  static void requirePositive(String option, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(option + " must be positive");
    }
  }
}
