package org.pillion.server.tensor;

/** A tensor's items as received, in the widest type of their datatype's family. */
public sealed interface TensorItems {
  /** Number of items. */
  int count();

  /** Of BOOL. */
  record Booleans(boolean[] values) implements TensorItems {
    @Override
    public int count() {
      return values.length;
    }
  }

  /** Of the whole-number datatypes; UINT64 is held as the same 64 bits. */
  record Longs(long[] values) implements TensorItems {
    @Override
    public int count() {
      return values.length;
    }
  }

  /** Of FP32. */
  record Floats(float[] values) implements TensorItems {
    @Override
    public int count() {
      return values.length;
    }
  }

  /** Of FP64. */
  record Doubles(double[] values) implements TensorItems {
    @Override
    public int count() {
      return values.length;
    }
  }

  /** Of BYTES: text, in which null stands for what is not UTF-8. */
  record Strings(String[] values) implements TensorItems {
    @Override
    public int count() {
      return values.length;
    }
  }
}
