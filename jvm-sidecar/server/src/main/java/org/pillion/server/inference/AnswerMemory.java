package org.pillion.server.inference;

import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;

/**
 * What an answer takes, reserved before its rows are scored; what its writer asks for comes out of
 * the reserve first.
 */
final class AnswerMemory implements MemoryBudget {
  /** A number is some 20 characters long; it is there twice, in parts and as a whole. */
  private static final int NUMBER_BYTES = 40;

  private static final int TEXT_BYTES = 96;

  private final MemoryBudget request;
  private long reserve;

  /** Reserves memory for the outputs that a request asks for. */
  AnswerMemory(FeatureContract contract, InferRequest request, MemoryBudget memory) {
    long row = 0;
    for (int position : request.outputs()) {
      OutputField output = contract.outputs().get(position);
      row += output.type() == FieldType.STRING ? TEXT_BYTES : NUMBER_BYTES;
    }
    this.request = memory;
    this.reserve = row * request.batch().rows();
    memory.take(reserve);
  }

  @Override
  public void take(long bytes) {
    long reserved = Math.min(bytes, reserve);
    reserve -= reserved;
    request.take(bytes - reserved);
  }

  @Override
  public void giveBack(long bytes) {
    reserve += bytes;
  }
}
