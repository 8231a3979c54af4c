"""How a Spark session computes: what of it decides the bits of results."""

from typing import Any

from pyspark.sql import SparkSession

from pillion.export.plan.element import UnsupportedPlan

_SPARSE_OVERHEADS = (12, 16)


def arithmetic(spark: SparkSession) -> dict[str, object]:
    """The attributes of a plan: version, BLAS, lanes, and when Spark keeps a vector sparse.

    Raises:
        UnsupportedPlan: Spark uses a native BLAS, or measures vectors in a way that isn't known.
    """
    jvm: Any = spark.sparkContext._jvm
    blas = jvm.dev.ludovic.netlib.blas.JavaBLAS.getInstance().getClass().getSimpleName()
    native = _blas(jvm).nativeBLAS().getClass().getSimpleName()
    if native != blas:
        raise UnsupportedPlan(
            f"Spark computes with a native BLAS ({native}); set -Ddev.ludovic.netlib.blas.allowNative=false in"
            " spark.driver.extraJavaOptions"
        )
    lanes = _lanes(spark) if blas == "VectorBLAS" else 1
    return {"spark": spark.version, "blas": blas, "lanes": lanes, "sparse_overhead": _sparse_overhead(spark)}


def _lanes(spark: SparkSession) -> int:
    """Doubles in a vector register, found by dot products.

    Of 2⁶⁰ at 0, 1 at 1 and −2⁶⁰ at n, the 1 survives only if the large two meet in one lane, which the smallest such n
    gives the number of.
    """
    jvm: Any = spark.sparkContext._jvm
    for lanes in (2, 4, 8, 16):
        values = [0.0] * (2 * lanes)
        values[0], values[1], values[lanes] = 2.0**60, 1.0, -(2.0**60)
        dense = [_vector(spark, numbers) for numbers in (values, [1.0] * len(values))]
        if float(_blas(jvm).dot(*dense)) == 1.0:
            return lanes
    raise UnsupportedPlan("the width of Spark's vector registers can't be told")


def _sparse_overhead(spark: SparkSession) -> int:
    """Bytes that Spark counts for a sparse vector besides its elements, more than for a dense one.

    It keeps a vector sparse while 12 × stored + overhead < 8 × size. Versions differ in the overhead.
    """
    verdicts = []
    for size in (5, 6):
        vector = _vector(spark, [1.0, 1.0] + [0.0] * (size - 2)).toSparse().compressed()
        verdicts.append(vector.getClass().getSimpleName() == "SparseVector")
    for overhead in _SPARSE_OVERHEADS:
        if verdicts == [24 + overhead < 40, 24 + overhead < 48]:
            return overhead
    raise UnsupportedPlan("Spark chooses between dense and sparse vectors by a rule that isn't known")


def doubles(spark: SparkSession, values: list[float]) -> Any:
    """A Java array of doubles."""
    jvm: Any = spark.sparkContext._jvm
    gateway: Any = spark.sparkContext._gateway
    array = gateway.new_array(jvm.double, len(values))
    for index, value in enumerate(values):
        array[index] = value
    return array


def _vector(spark: SparkSession, values: list[float]) -> Any:
    jvm: Any = spark.sparkContext._jvm
    return jvm.org.apache.spark.ml.linalg.Vectors.dense(doubles(spark, values))


def _blas(jvm: Any) -> Any:
    """Spark's object of linear algebra."""
    return getattr(getattr(jvm.org.apache.spark.ml.linalg, "BLAS$"), "MODULE$")
