package org.pillion.benchmarks;

import java.io.ByteArrayInputStream;
import org.jpmml.evaluator.Evaluator;
import org.jpmml.evaluator.LoadingModelEvaluatorBuilder;
import org.jpmml.evaluator.PMMLTransformer;

/** JPMML as its own users call it, with or without its transpiler. */
final class JpmmlRoute {
  private JpmmlRoute() {}

  static Evaluator interpreter(byte[] document) throws Exception {
    return new LoadingModelEvaluatorBuilder().load(new ByteArrayInputStream(document)).build();
  }

  /** The transpiler is on the class path of the benchmarks only, so it is called by name. */
  static Evaluator transpiler(byte[] document) throws Exception {
    Class<?> transpiler = Class.forName("org.jpmml.transpiler.Transpiler");
    Object inMemory =
        Class.forName("org.jpmml.transpiler.InMemoryTranspiler")
            .getConstructor(String.class)
            .newInstance((Object) null);
    Object transformer =
        Class.forName("org.jpmml.transpiler.TranspilerTransformer")
            .getConstructor(transpiler)
            .newInstance(inMemory);
    return new LoadingModelEvaluatorBuilder()
        .load(new ByteArrayInputStream(document))
        .transform((PMMLTransformer<?>) transformer)
        .build();
  }
}
