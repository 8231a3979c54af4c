package org.pillion.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pillion.scoring.Engines;
import org.pillion.scoring.Scorer;

/** Versions that are swapped out are freed. */
final class ReloadMemoryTest {
  private static final int RELOADS = 1_000;
  private static final int SETTLED = 100;

  /** A fraction of what 900 scorers of the line would hold. */
  private static final long GROWTH_BYTES = 1L << 20;

  private static final int GROWTH_CLASSES = 100;

  @TempDir Path folder;

  @Test
  void reload_aThousandTimes_heapAndClassesStayBounded() throws Exception {
    RepositoryFixture fixture = new RepositoryFixture(folder);
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    long heap = 0;
    int classes = 0;

    for (int i = 1; i <= RELOADS; i++) {
      fixture.line("line", 1, i);
      assertEquals(1, repository.reload().loaded().size(), "reload " + i);
      if (i == SETTLED) {
        heap = usedHeap();
        classes = loadedClasses();
      }
    }

    long grown = usedHeap() - heap;
    assertTrue(grown < GROWTH_BYTES, "the heap grew by " + grown + " bytes");
    int more = loadedClasses() - classes;
    assertTrue(more < GROWTH_CLASSES, more + " more classes are loaded");
  }

  @Test
  void load_longVerificationSet_takesLittleDirectMemory() throws Exception {
    // A blank line is no row.
    List<String> rows =
        List.of(RepositoryFixture.LOGISTIC_ROWS.get(0), " ".repeat((int) (16 * GROWTH_BYTES)));
    new RepositoryFixture(folder).logistic("late", 1, rows, UnaryOperator.identity());
    long before = directMemory();

    ModelRepository repository = new ModelRepository(folder, Engines.installed());

    assertEquals(1, repository.load().loaded().size());
    long grown = directMemory() - before;
    assertTrue(grown < GROWTH_BYTES, "direct memory grew by " + grown + " bytes");
  }

  @Test
  void unload_lastHolderGone_scorerIsCollected() throws Exception {
    new RepositoryFixture(folder).line("line", 1, 1);
    ModelRepository repository = new ModelRepository(folder, Engines.installed());
    repository.load();
    WeakReference<Scorer> scorer =
        new WeakReference<>(repository.catalog().serving("line").orElseThrow().scorer());

    repository.unload("line");

    usedHeap();
    assertNull(scorer.get());
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static int loadedClasses() {
    return ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
  }
}
