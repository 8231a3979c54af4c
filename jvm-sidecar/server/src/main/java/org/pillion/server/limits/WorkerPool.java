package org.pillion.server.limits;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** Takes back work that still waits. */
  public void drop(Runnable work) {
    executor.remove(work);
  }

  public int queued() {
    return executor.getQueue().size();
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
