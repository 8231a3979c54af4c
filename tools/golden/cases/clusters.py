"""Clusterings by trees of centres and by normal distributions, and hashes of near vectors."""

from pyspark.ml.clustering import BisectingKMeans, GaussianMixture
from pyspark.ml.feature import BucketedRandomProjectionLSH, MinHashLSH

from tools.golden.cases.case import CONTEXT, DIGITS, IRIS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed


def cases() -> tuple[Case, ...]:
    return (
        Case("bisecting_k_means", "iris", IRIS, [assembled(IRIS), BisectingKMeans(k=4, seed=1)], label=None),
        Case(
            "bisecting_k_means_cosine",
            "wine",
            WINE[:6],
            [assembled(WINE[:6], "keep"), BisectingKMeans(k=5, seed=1, distanceMeasure="cosine")],
            label=None,
            sample=40,
        ),
        Case(
            "bisecting_k_means_digits",
            "digits",
            DIGITS[:32],
            [assembled(DIGITS[:32], "keep"), BisectingKMeans(k=8, seed=1)],
            label=None,
            sample=30,
        ),
        Case(
            "gaussian_mixture",
            "iris",
            IRIS,
            [assembled(IRIS, "keep"), GaussianMixture(k=3, seed=1, maxIter=20)],
            label=None,
        ),
        Case(
            "gaussian_mixture_sparse",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep", ("device",)),
                encoded("keep", False, ("device",)),
                assembled((*NUMBERS[:2], "device_hot"), "keep"),
                GaussianMixture(k=3, seed=1, maxIter=5),
            ],
            label=None,
            complete=True,
            sample=40,
        ),
        Case(
            "min_hash",
            "digits",
            DIGITS[:16],
            [
                assembled(DIGITS[:16], "keep"),
                MinHashLSH(inputCol="features", outputCol="hashes", numHashTables=4, seed=1),
            ],
            label=None,
            sample=30,
        ),
        Case(
            "bucketed_random_projection",
            "digits",
            DIGITS[:16],
            [
                assembled(DIGITS[:16], "keep"),
                BucketedRandomProjectionLSH(
                    inputCol="features", outputCol="hashes", bucketLength=1.7, numHashTables=3, seed=1
                ),
            ],
            label=None,
            sample=30,
        ),
    )
