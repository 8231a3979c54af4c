package org.pillion.scoring.jpmml;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.jpmml.evaluator.FunctionRegistry;
import org.junit.jupiter.api.Test;

final class FunctionGuardTest {
  @Test
  void builtIn_everyName_isOneThatJpmmlHas() {
    for (String name : FunctionGuard.BUILT_IN) {
      assertNotNull(FunctionRegistry.getFunction(name), name);
    }
  }
}
