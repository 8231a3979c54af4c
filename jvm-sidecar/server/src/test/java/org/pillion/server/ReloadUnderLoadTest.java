package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.RepositoryFixture;

/** Versions appear and change under load: no request fails, and no response mixes two contents. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ReloadUnderLoadTest {
  private static final int THREADS = 32;
  private static final int REQUESTS = 1_024;
  private static final int RELOADS = 50;
  private static final String BODY =
      """
      {"inputs": [{"name": "x", "shape": [4], "datatype": "FP64", "data": [0.5, 0.5, 0.5, 0.5]}]}\
      """;

  private static final Pattern ANSWER =
      Pattern.compile(
          ".*\"model_version\":\"(\\d+)\".*\"data\":\\[([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)].*");

  @TempDir Path folder;

  /** By version, every offset that its content ever had. */
  private final Map<Integer, Set<Integer>> offsets = new ConcurrentHashMap<>();

  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger published = new AtomicInteger();

  @Test
  void fiftyReloads_underTheLoadOfThirtyTwoThreads_failNoRequestAndMixNoAnswer() throws Exception {
    publish(1, 1);
    try (Sidecar sidecar = Sidecar.start(settings(), "test")) {
      String address = sidecar.addresses().get(0).split(" ")[1];
      ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        ends.add(threads.submit(() -> ask(address)));
      }
      ends.add(threads.submit(() -> publishAll(new Client(address))));
      for (Future<?> end : ends) {
        end.get();
      }
      threads.shutdown();
    }
    assertTrue(answered.get() >= THREADS * REQUESTS, () -> answered + " answers");
    assertEquals(RELOADS, published.get());
  }

  private Settings settings() {
    Settings.Repository repository =
        new Settings.Repository(
            folder,
            folder.resolve(ModelRepository.STATE),
            Set.of(),
            Duration.ofMillis(10),
            Optional.empty());
    Settings.Limits limits = TestSettings.limits(2, 256, 1024, 1 << 20, 100, false);
    return new Settings(
        repository, TestSettings.addresses(0, null), TestSettings.OPEN, limits, Optional.empty());
  }

  private void publish(int version, int offset) {
    offsets.computeIfAbsent(version, v -> ConcurrentHashMap.newKeySet()).add(offset);
    new RepositoryFixture(folder).line("line", version, offset);
  }

  /** A new version each odd time; each even time other content for the one that serves. */
  private Void publishAll(Client client) {
    int version = 1;
    for (int i = 1; i <= RELOADS; i++) {
      int due = i * THREADS * REQUESTS / (RELOADS + 1);
      await(() -> answered.get() >= due);
      version += i % 2;
      publish(version, 1 + i);
      String wanted = "[" + (1.5 + i) + ",";
      await(() -> client.post("/v2/models/line/infer", BODY).body().contains(wanted));
      published.incrementAndGet();
    }
    return null;
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    while (!condition.holds()) {
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  private Void ask(String address) throws IOException {
    int newest = 0;
    try (KeptConnection connection = new KeptConnection(address)) {
      for (int i = 0; i < REQUESTS || published.get() < RELOADS; i++) {
        String answer = connection.post("/v2/models/line/infer", BODY);
        Matcher parts = ANSWER.matcher(answer);
        assertTrue(parts.matches(), answer);
        int version = Integer.parseInt(parts.group(1));
        double first = Double.parseDouble(parts.group(2));
        for (int group = 3; group <= 5; group++) {
          assertEquals(first, Double.parseDouble(parts.group(group)), answer);
        }
        assertTrue(offsets.get(version).contains((int) (first - 0.5)), answer);
        assertTrue(version >= newest, () -> "an older version than before: " + answer);
        newest = version;
        answered.incrementAndGet();
      }
    }
    return null;
  }
}
