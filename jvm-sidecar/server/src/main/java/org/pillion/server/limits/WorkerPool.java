package org.pillion.server.limits;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pillion.server.errors.RequestException;

/** Threads with a bounded queue in front of them. */
public final class WorkerPool implements AutoCloseable {
  private final ThreadPoolExecutor executor;

  /**
   * A pool whose threads run.
   *
   * @param name prefix of the threads' names
   * @param queue how many pieces of work may wait
   */
  public WorkerPool(String name, int workers, int queue) {
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            workers,
            workers,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.prestartAllCoreThreads();
  }

  /**
   * Queues work.
   *
   * @throws RequestException with 503 when the queue is full
   */
  public void submit(Runnable work) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException e) {
      throw RequestException.queueFull();
    }
  }

  /**
   * Has a request's answer made by a worker, unless the request is over before. Called on the event
   * loop, on which the outcome is passed on.
   *
   * @param place the request's; its caller may go while the work waits, which then is not done
   * @param refuse takes the failure, that of a full queue as well
   */
  public <A> void answer(
      Place place, Supplier<A> work, Consumer<A> answer, Consumer<RequestException> refuse) {
    Context loop = Vertx.currentContext();
    Runnable task =
        () -> {
          if (!place.beginWork()) {
            return;
          }
          try {
            A made = work.get();
            loop.runOnContext(now -> answer.accept(made));
          } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            RequestException failure = RequestException.from(e);
            loop.runOnContext(now -> refuse.accept(failure));
          } finally {
            place.endWork();
          }
        };
    place.whenAbandoned(() -> executor.remove(task));
    try {
      submit(task);
    } catch (RequestException e) {
      refuse.accept(e);
    }
  }

  public int queued() {
    return executor.getQueue().size();
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
