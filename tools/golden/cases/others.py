"""Naive Bayes, the multilayer perceptron, k-means, isotonic regression."""

from pyspark.ml.classification import MultilayerPerceptronClassifier, NaiveBayes
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import MinMaxScaler
from pyspark.ml.regression import IsotonicRegression

from tools.golden.cases.case import CANCER, CONTEXT, DIGITS, GENRES, IRIS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed


def _bayes(kind: str, smoothing: float = 1.0) -> Case:
    return Case(
        f"naive_bayes_{kind}",
        "digits",
        DIGITS[8:40],
        [assembled(DIGITS[8:40]), NaiveBayes(modelType=kind, smoothing=smoothing)],
        sample=30,
    )


def cases() -> tuple[Case, ...]:
    return (
        _bayes("multinomial"),
        _bayes("complement", 0.5),
        _bayes("gaussian"),
        Case(
            "naive_bayes_bernoulli",
            "events",
            (*CONTEXT, *GENRES),
            [
                indexed("keep", ("device", "country")),
                encoded("keep", False, ("device", "country")),
                assembled((*GENRES, "device_hot", "country_hot"), "keep"),
                NaiveBayes(modelType="bernoulli"),
            ],
        ),
        Case(
            "naive_bayes_thresholds",
            "wine",
            WINE,
            [assembled(WINE), NaiveBayes(modelType="multinomial", thresholds=[0.1, 0.5, 0.4])],
        ),
        Case(
            "perceptron",
            "iris",
            IRIS,
            [assembled(IRIS), MultilayerPerceptronClassifier(layers=[4, 5, 3], seed=1, maxIter=60)],
        ),
        Case(
            "perceptron_deep",
            "wine",
            WINE,
            [
                assembled(WINE, output="raw"),
                MinMaxScaler(inputCol="raw", outputCol="features"),
                MultilayerPerceptronClassifier(layers=[13, 9, 7, 3], seed=1, maxIter=60),
            ],
        ),
        Case(
            "perceptron_two_classes",
            "breast_cancer",
            CANCER[:10],
            [
                assembled(CANCER[:10], output="raw"),
                MinMaxScaler(inputCol="raw", outputCol="features"),
                MultilayerPerceptronClassifier(layers=[10, 6, 2], seed=1, maxIter=60),
            ],
        ),
        Case(
            "perceptron_categories",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep"),
                encoded("keep", False),
                assembled((*NUMBERS[:2], "device_hot", "country_hot", "referrer_hot"), "keep"),
                MultilayerPerceptronClassifier(layers=[22, 8, 2], seed=1, maxIter=30),
            ],
        ),
        Case("k_means", "wine", WINE, [assembled(WINE), KMeans(k=5, seed=1)], label=None),
        Case(
            "k_means_cosine",
            "iris",
            IRIS,
            [assembled(IRIS), KMeans(k=4, seed=1, distanceMeasure="cosine")],
            label=None,
        ),
        Case("k_means_digits", "digits", DIGITS, [assembled(DIGITS), KMeans(k=10, seed=1)], label=None, sample=30),
        Case(
            "isotonic",
            "events",
            ("item_likes",),
            [assembled(("item_likes",)), IsotonicRegression(labelCol="clicks")],
            label="clicks",
        ),
        Case(
            "antitonic_of_element",
            "wine",
            WINE[:4],
            [
                assembled(WINE[:4]),
                IsotonicRegression(isotonic=False, featureIndex=1),
            ],
        ),
    )
