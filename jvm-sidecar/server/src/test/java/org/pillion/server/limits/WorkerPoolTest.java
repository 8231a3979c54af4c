package org.pillion.server.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.pillion.server.errors.RequestException;

final class WorkerPoolTest {
  @Test
  void submit_fullQueue_is503WithRetryAfter() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (WorkerPool pool = new WorkerPool("work", 1, 1)) {
      pool.submit(
          () -> {
            started.countDown();
            await(release);
          });
      started.await();
      pool.submit(() -> await(release));

      RequestException failure =
          assertThrows(RequestException.class, () -> pool.submit(() -> await(release)));

      assertEquals(503, failure.kind().http());
      assertEquals("1", failure.headers().get("Retry-After"));
      assertEquals(1, pool.queued());
      release.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
