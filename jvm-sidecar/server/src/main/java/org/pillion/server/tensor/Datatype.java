package org.pillion.server.tensor;

import java.util.Arrays;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;

/** A datatype of V2, with the whole numbers that it can hold. */
public enum Datatype {
  BOOL(1, 0, 1),
  INT8(1, Byte.MIN_VALUE, Byte.MAX_VALUE),
  INT16(2, Short.MIN_VALUE, Short.MAX_VALUE),
  INT32(4, Integer.MIN_VALUE, Integer.MAX_VALUE),
  INT64(8, Long.MIN_VALUE, Long.MAX_VALUE),
  UINT8(1, 0, 0xFFL),
  UINT16(2, 0, 0xFFFFL),
  UINT32(4, 0, 0xFFFF_FFFFL),
  /** No field holds the upper half of its values, so they are refused where they occur. */
  UINT64(8, 0, Long.MAX_VALUE),
  FP32(4, 0, 0),
  FP64(8, 0, 0),
  BYTES(0, 0, 0);

  private final int size;
  private final long min;
  private final long max;

  Datatype(int size, long min, long max) {
    this.size = size;
    this.min = min;
    this.max = max;
  }

  public static Datatype of(String name, String tensor) {
    for (Datatype datatype : values()) {
      if (datatype.name().equals(name)) {
        return datatype;
      }
    }
    throw new InvalidInput(
        tensor, "the input '%s' has an unknown datatype '%s'".formatted(tensor, name));
  }

  /** The datatype in which values of a type are answered. */
  public static Datatype of(FieldType type) {
    return switch (type) {
      case STRING -> BYTES;
      case INTEGER -> INT64;
      case FLOAT -> FP32;
      case DOUBLE -> FP64;
      case BOOLEAN -> BOOL;
    };
  }

  /** Bytes of a value; 0 for those that differ in length. */
  public int size() {
    return size;
  }

  public boolean isInteger() {
    return this != BOOL && !isFloating() && this != BYTES;
  }

  public boolean isFloating() {
    return this == FP32 || this == FP64;
  }

  /** Whether a tensor of this datatype can be given for a field without loss of meaning. */
  public boolean fits(FieldType type) {
    return switch (type) {
      case STRING -> this == BYTES;
      case BOOLEAN -> this == BOOL;
      case INTEGER -> isInteger();
      case FLOAT, DOUBLE -> isFloating() || isInteger();
    };
  }

  public boolean holds(long value) {
    return value >= min && value <= max;
  }

  public static String accepted(FieldType type) {
    return String.join(
        ", ", Arrays.stream(values()).filter(d -> d.fits(type)).map(Datatype::name).toList());
  }
}
