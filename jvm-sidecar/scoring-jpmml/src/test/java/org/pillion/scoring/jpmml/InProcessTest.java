package org.pillion.scoring.jpmml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pillion.scoring.BatchCodec;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.InProcess;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

final class InProcessTest {
  @Test
  void score_packedBatch_isThePackedResultOfTheScorer() {
    Scorer scorer = new JpmmlEngine().load(Documents.bytes("tree.pmml"));
    ColumnBatch batch = batch(scorer);
    ScoreResult expected = scorer.score(batch);

    try (InProcess model = InProcess.open(Documents.bytes("tree.pmml"), "auto")) {
      byte[] packed = model.score(BatchCodec.write(batch));

      assertEquals("jpmml", model.engine());
      assertEquals(scorer.contract().toJson(), model.contractJson());
      assertArrayEquals(BatchCodec.write(expected), packed);
      assertEquals(List.of(), expected.errors());
    }
  }

  /** As inside another program's JVM, where neither thread nor system class loader know us. */
  @Test
  void open_isolatedClassLoader_findsTheEngine() throws Exception {
    URL[] classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(InProcessTest::url)
            .toArray(URL[]::new);
    try (URLClassLoader isolated =
        new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = isolated.loadClass(InProcess.class.getName());
      assertNotSame(InProcess.class, type);
      Method open = type.getMethod("open", byte[].class, String.class);

      Object model = open.invoke(null, Documents.bytes("tree.pmml"), "jpmml");

      assertEquals("jpmml", type.getMethod("engine").invoke(model));
    }
  }

  private static URL url(String entry) {
    try {
      return new File(entry).toURI().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }

  private static ColumnBatch batch(Scorer scorer) {
    boolean[] given = {false};
    return ColumnBatch.builder(scorer.contract(), 1)
        .add("x", new Column.Doubles(new double[] {0.75}, given))
        .add("member", new Column.Booleans(new boolean[] {true}, given))
        .build();
  }
}
