package org.pillion.server;

import io.vertx.core.http.ClientAuth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.pillion.features.FeatureVersions;
import org.pillion.registry.ModelRepository;
import org.pillion.server.access.Access;
import org.pillion.server.access.AccessHandler;
import org.pillion.server.access.BearerToken;
import org.pillion.server.access.CredentialException;
import org.pillion.server.access.Credentials;
import org.pillion.server.access.OperatorAccess;
import org.pillion.server.admin.AdminHandler;
import org.pillion.server.admin.RepositoryControl;
import org.pillion.server.grpc.GrpcEndpoint;
import org.pillion.server.http.AccessLog;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.inference.BlockScorer;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.ItemTables;
import org.pillion.server.inference.Models;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.limits.RequestLimiter;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.metrics.LiveVersions;
import org.pillion.server.metrics.Metrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running sidecar: repository, workers and listeners, from start to stop. */
final class Sidecar implements AutoCloseable {
  /** Leaves the rest of the five seconds after SIGTERM to closing. */
  private static final long DRAIN_MILLIS = TimeUnit.SECONDS.toMillis(3);

  private static final long CLOSE_MILLIS = 500;

  private static final Duration WARMUP_PATIENCE = Duration.ofSeconds(3);

  /** A store that is down, or has very many items, does not keep the sidecar from serving. */
  private static final Duration FIRST_ITEMS_PATIENCE = Duration.ofSeconds(20);

  private static final int ADMIN_THREADS = 4;
  private static final int ADMIN_QUEUE = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  private final ModelRepository repository;
  private final RepositoryWatch watch;
  private final Optional<FeatureVersions> features;
  private final Optional<FeatureWatch> featureWatch;
  private final WorkerPool workers;
  private final Settings.Limits limits;
  private final ServerContext server;
  private final RequestLimiter limiter;
  private final Listeners listeners;
  private final Credentials credentials;
  private final GrpcEndpoint grpc;
  private final RequestHandler hosts;
  private final RequestHandler hostsOverTcp;
  private final Optional<WorkerPool> adminThreads;
  private final Optional<RequestHandler> admin;
  private final List<String> addresses = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Sidecar(Settings settings, String version) throws StartException {
    limits = settings.limits();
    LiveVersions live = new LiveVersions();
    Metrics metrics = new Metrics(live);
    credentials = credentials(settings.access(), metrics);
    repository = settings.repository().open();
    live.add(id -> repository.catalog().status(id).isPresent());
    metrics.watchProcess();
    watch = new RepositoryWatch(repository, metrics);
    features = settings.features().map(Sidecar::features);
    workers = new WorkerPool("score", limits.workers(), limits.queue());
    metrics.watchQueue(workers::queued);
    Models models = new Models(repository);
    ItemTables items = new ItemTables(models, features);
    featureWatch =
        features.map(
            versions -> new FeatureWatch(versions, items, metrics.watchFeatures(versions)));
    server =
        new ServerContext(
            models,
            items,
            new InferService(
                metrics,
                new BlockScorer(HeapDefaults.blockBytes(HeapDefaults.heap(), limits.workers()))),
            workers,
            metrics,
            limits.maxBody(),
            limits.maxRows(),
            version,
            live);
    limiter = limiter(metrics, limits.accessLog());
    listeners = new Listeners(limiter, limits.patience(), metrics, credentials.tls());
    Optional<Supplier<BearerToken>> operators =
        settings.addresses().admin().map(address -> credentials.operators(address.token()));
    HttpHandler http = new HttpHandler(server, operators);
    grpc = GrpcEndpoint.ofHosts(listeners.vertx(), server);
    hosts = new ProtocolSwitch(grpc, http);
    Optional<Access> access = credentials.hosts(operators);
    hostsOverTcp =
        access.<RequestHandler>map(a -> new AccessHandler(a, metrics, hosts)).orElse(hosts);
    RepositoryControl control = new RepositoryControl(repository, watch::record, metrics);
    adminThreads =
        settings
            .addresses()
            .admin()
            .map(address -> new WorkerPool("admin", ADMIN_THREADS, ADMIN_QUEUE));
    admin =
        settings
            .addresses()
            .admin()
            .map(
                address ->
                    operators(
                        operators.orElseThrow(), control, adminThreads.orElseThrow(), metrics));
  }

  private RequestHandler operators(
      Supplier<BearerToken> token, RepositoryControl control, WorkerPool threads, Metrics metrics) {
    return new AccessHandler(
        new OperatorAccess(token),
        metrics,
        new ProtocolSwitch(
            GrpcEndpoint.ofOperators(listeners.vertx(), control, threads, metrics),
            new AdminHandler(control, threads)));
  }

  private static FeatureVersions features(Settings.Features settings) {
    return new FeatureVersions(settings.store(), settings.memory());
  }

  private static Credentials credentials(Settings.Access access, Metrics metrics)
      throws StartException {
    try {
      return new Credentials(access.tls(), access.tokens(), access.operatorToken(), metrics);
    } catch (CredentialException e) {
      throw new StartException(e.getMessage());
    }
  }

  /** Loads every model, then listens. */
  static Sidecar start(Settings settings, String version) throws StartException {
    HeapDefaults.requireEnough(HeapDefaults.heap());
    Sidecar sidecar = new Sidecar(settings, version);
    try {
      sidecar.watch.load();
      sidecar.featureWatch.ifPresent(
          watch -> watch.start(settings.features().orElseThrow().refresh(), FIRST_ITEMS_PATIENCE));
      Exposure.warnings(settings).forEach(LOG::warn);
      sidecar.listen(settings.addresses());
      sidecar.credentials.watch(sidecar.listeners::show);
      sidecar.watch.start(settings.repository().poll());
      return sidecar;
    } catch (IOException e) {
      sidecar.close();
      throw new StartException(sidecar.repository.catalog().problems().get(0).reason());
    } catch (StartException e) {
      sidecar.close();
      throw e;
    } catch (OutOfMemoryError e) {
      throw HeapDefaults.tooSmall(HeapDefaults.heap());
    }
  }

  private RequestLimiter limiter(Metrics metrics, boolean accessLog) {
    return new RequestLimiter(
        limits.inFlight(),
        limits.maxBody(),
        limits.requestMemory(),
        limits.connections(),
        limits.patience(),
        metrics,
        new AccessLog(accessLog),
        System::nanoTime);
  }

  /** What handles requests of both protocols, with counts that nobody sees. */
  private RequestHandler uncounted() {
    Metrics metrics = new Metrics(server.live());
    ServerContext own = server.counting(metrics);
    return limiter(metrics, false)
        .around(
            new ProtocolSwitch(
                GrpcEndpoint.ofHosts(listeners.vertx(), own),
                new HttpHandler(own, Optional.empty())));
  }

  private void listen(Settings.Addresses where) throws StartException {
    String scheme = credentials.tls().isPresent() ? "https://" : "http://";
    Warmup warmup = new Warmup(listeners.vertx(), credentials.tls().isPresent());
    RequestHandler overTcp = warmup.beside(limiter.around(hostsOverTcp));
    int port = listeners.listen(where.http(), overTcp);
    addresses.add("sidecar-http " + scheme + new HostPort(where.http().host(), port));
    int grpcPort = listeners.listenHttp2(where.grpc(), ClientAuth.REQUEST, overTcp);
    addresses.add("sidecar-grpc " + new HostPort(where.grpc().host(), grpcPort));
    if (where.socket().isPresent()) {
      listeners.listen(where.socket().get(), limiter.around(hosts));
      addresses.add("sidecar-uds unix:" + where.socket().get().toAbsolutePath());
    }
    if (where.admin().isPresent()) {
      HostPort address = where.admin().get().address();
      int adminPort =
          listeners.listenHttp2(address, ClientAuth.REQUIRED, limiter.around(admin.orElseThrow()));
      addresses.add("sidecar-admin " + scheme + new HostPort(address.host(), adminPort));
    }
    warmup.run(
        repository.catalog(),
        new InetSocketAddress(where.http().host(), port),
        new InetSocketAddress(where.grpc().host(), grpcPort),
        uncounted(),
        WARMUP_PATIENCE);
    server.models().warmed();
  }

  /** Name and address of every listener, for example {@code sidecar-http http://127.0.0.1:80}. */
  List<String> addresses() {
    return List.copyOf(addresses);
  }

  /** Stops accepting, lets requests in flight finish, and frees everything. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    LOG.info("stopping");
    watch.close();
    featureWatch.ifPresent(FeatureWatch::close);
    credentials.close();
    grpc.drain();
    int left = limiter.drain(DRAIN_MILLIS);
    if (left > 0) {
      LOG.warn("stopping: {} requests were not finished in time", left);
    } else {
      LOG.info("stopping: every request was answered");
    }
    listeners.drain(CLOSE_MILLIS);
    workers.close();
    adminThreads.ifPresent(WorkerPool::close);
    listeners.close();
  }
}
