package org.pillion.server;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pillion.registry.ModelRepository;
import org.pillion.scoring.Engines;
import org.pillion.server.http.HttpFront;
import org.pillion.server.http.Rehearsal;
import org.pillion.server.http.StateAnswers;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.Metrics;
import org.pillion.server.inference.Models;
import org.pillion.server.inference.WorkerPool;

/** A running sidecar: repository, workers and listeners, from start to stop. */
final class Sidecar implements AutoCloseable {
  /** Leaves the rest of the five seconds after SIGTERM to closing. */
  private static final long DRAIN_MILLIS = TimeUnit.SECONDS.toMillis(3);

  private final ModelRepository repository;
  private final RepositoryWatch watch;
  private final WorkerPool workers;
  private final Listeners listeners;
  private final List<String> addresses = new ArrayList<>();

  private Sidecar(Settings settings, String version) {
    Metrics metrics = new Metrics();
    repository = new ModelRepository(settings.models(), Engines.installed());
    watch = new RepositoryWatch(repository, metrics);
    workers = new WorkerPool(settings.workers(), settings.queue());
    metrics.watchQueue(workers::queued);
    Models models = new Models(repository);
    HttpFront front =
        new HttpFront(
            models,
            new StateAnswers(models, version),
            new InferService(metrics),
            workers,
            metrics,
            settings.maxBody(),
            settings.maxRows());
    listeners = new Listeners(front);
  }

  /** Loads every model, then listens. */
  static Sidecar start(Settings settings, String version) throws StartFailure {
    if (!Files.isDirectory(settings.models())) {
      throw new StartFailure("there is no model repository at " + settings.models());
    }
    Sidecar sidecar = new Sidecar(settings, version);
    try {
      sidecar.watch.load();
      Rehearsal.run(sidecar.repository.catalog());
      sidecar.listen(settings);
      sidecar.watch.start(settings.poll());
      return sidecar;
    } catch (IOException e) {
      sidecar.close();
      throw new StartFailure("the model repository cannot be read: " + settings.models());
    } catch (StartFailure e) {
      sidecar.close();
      throw e;
    }
  }

  private void listen(Settings settings) throws StartFailure {
    int port = listeners.listen(settings.http());
    FirstConnection.make(settings.http().host(), port);
    addresses.add("sidecar-http http://" + new HostPort(settings.http().host(), port));
    if (settings.socket().isPresent()) {
      listeners.listen(settings.socket().get());
      addresses.add("sidecar-uds unix:" + settings.socket().get().toAbsolutePath());
    }
  }

  /** Name and address of every listener, for example {@code sidecar-http http://127.0.0.1:80}. */
  List<String> addresses() {
    return List.copyOf(addresses);
  }

  /** Stops accepting, lets requests in flight finish, and frees everything. */
  @Override
  public void close() {
    watch.close();
    listeners.drain(DRAIN_MILLIS);
    workers.close();
    listeners.close();
  }
}
