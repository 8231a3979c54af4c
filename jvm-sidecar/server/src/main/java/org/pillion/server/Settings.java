package org.pillion.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.pillion.features.StoreSettings;
import org.pillion.registry.ModelRepository;
import org.pillion.scoring.Engines;
import org.pillion.server.access.BearerToken;
import org.pillion.server.access.TlsFiles;

/**
 * How a sidecar runs.
 *
 * @param repository what it serves
 * @param addresses where it listens
 * @param access who is let in there
 * @param limits what it refuses
 * @param features where items come from; empty where models have tables of their own alone
 */
record Settings(
    Repository repository,
    Addresses addresses,
    Access access,
    Limits limits,
    Optional<Features> features) {
  static final int DEFAULT_GRPC_PORT = 8081;

  /** A body is one array, and is answered with another that may be somewhat longer. */
  static final long LARGEST_MAX_BODY = 1L << 30;

  static final long DEFAULT_POLL_MILLIS = 2_000;
  static final long DEFAULT_PATIENCE_MILLIS = 30_000;

  /**
   * What is served.
   *
   * @param models folder of the model repository
   * @param state file that keeps operators' decisions
   * @param required models without which the sidecar is not ready; empty for all found
   * @param poll time between looks at the repository; zero for never
   * @param engine what scores every version, or empty for what its manifest says
   */
  record Repository(
      Path models, Path state, Set<String> required, Duration poll, Optional<String> engine) {
    /**
     * The repository with what was loaded from it, which is nothing yet.
     *
     * @throws StartException when there is no such folder
     */
    ModelRepository open() throws StartException {
      if (Files.notExists(models) || Files.isRegularFile(models)) {
        throw new StartException("there is no model repository at " + models);
      }
      return new ModelRepository(models, state, required, Engines.installed(), engine);
    }
  }

  /**
   * Where the sidecar listens.
   *
   * @param http HTTP on TCP
   * @param grpc gRPC on TCP
   * @param socket both on a Unix domain socket, if anywhere
   * @param admin the operators' address, if there is one
   */
  record Addresses(HostPort http, HostPort grpc, Optional<Path> socket, Optional<Admin> admin) {}

  /**
   * The operators' address.
   *
   * @param address where it listens
   * @param token what every request to it must show
   */
  record Admin(HostPort address, BearerToken token) {}

  /**
   * Who is let in at the TCP addresses, and how.
   *
   * @param tls the files of TLS; empty for clear text
   * @param tokens the file of the hosts' tokens; empty where hosts need none
   * @param operatorToken the file of the operators' token; empty where the environment has it
   */
  record Access(Optional<TlsFiles> tls, Optional<Path> tokens, Optional<Path> operatorToken) {}

  /**
   * Limits of the load.
   *
   * @param workers threads that parse and score
   * @param queue requests that may wait for a worker
   * @param inFlight maximum number of requests in flight
   * @param connections maximum number of open connections
   * @param requestMemory maximum memory that the requests in flight take, in bytes
   * @param maxBody longest body in bytes
   * @param maxRows most rows in a request
   * @param accessLog whether every request is logged
   * @param patience time that a request may take to arrive, and its answer to be taken
   */
  record Limits(
      int workers,
      int queue,
      int inFlight,
      int connections,
      long requestMemory,
      long maxBody,
      int maxRows,
      boolean accessLog,
      Duration patience) {}

  /**
   * Where items come from.
   *
   * @param store the online store
   * @param memory what items may take of the heap, in bytes
   * @param refresh time between looks for another version
   */
  record Features(StoreSettings store, long memory, Duration refresh) {}
}
