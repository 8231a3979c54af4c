"""Text stages, principal components and frequent item sets."""

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import (
    IDF,
    PCA,
    CountVectorizer,
    NGram,
    RegexTokenizer,
    StopWordsRemover,
    Tokenizer,
)
from pyspark.ml.fpm import FPGrowth

from tools.golden.cases.case import DIGITS, WINE, Case
from tools.golden.cases.preparation import assembled

_TITLES = {"title": ["the", "THE  Dark,  night", "a", " love ", "Zzz unseen words"]}


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "text_counts",
            "films",
            ("plain",),
            [
                Tokenizer(inputCol="plain", outputCol="words"),
                CountVectorizer(inputCol="words", outputCol="features", vocabSize=40, minDF=5.0),
                LogisticRegression(regParam=1e-2),
            ],
            edges={"plain": _TITLES["title"]},
        ),
        Case(
            "text_idf",
            "films",
            ("title", "year"),
            [
                RegexTokenizer(inputCol="title", outputCol="tokens", pattern="\\W+"),
                StopWordsRemover(inputCol="tokens", outputCol="words"),
                CountVectorizer(inputCol="words", outputCol="counts", vocabSize=30, minDF=4.0),
                IDF(inputCol="counts", outputCol="weights"),
                assembled(("weights", "year"), "keep"),
                LogisticRegression(regParam=1e-2),
            ],
            edges=_TITLES,
        ),
        Case(
            "text_pairs",
            "films",
            ("title",),
            [
                RegexTokenizer(inputCol="title", outputCol="words", pattern="\\W+"),
                NGram(n=2, inputCol="words", outputCol="pairs"),
                CountVectorizer(inputCol="pairs", outputCol="features", vocabSize=25, minDF=3.0),
                LogisticRegression(regParam=1e-2),
            ],
            edges=_TITLES,
        ),
        Case(
            "principal_components",
            "wine",
            WINE,
            [
                assembled(WINE, output="raw"),
                PCA(k=4, inputCol="raw", outputCol="features"),
                LogisticRegression(regParam=1e-2, maxIter=50),
            ],
        ),
        Case(
            "principal_components_sparse",
            "digits",
            DIGITS[8:40],
            [
                assembled(DIGITS[8:40], output="raw"),
                PCA(k=3, inputCol="raw", outputCol="features"),
                LogisticRegression(regParam=1e-2, maxIter=20),
            ],
            sample=30,
        ),
        Case(
            "frequent_items",
            "films",
            ("genres",),
            [
                RegexTokenizer(inputCol="genres", outputCol="items", pattern="\\|", toLowercase=False),
                FPGrowth(minSupport=0.05, minConfidence=0.3),
            ],
            label=None,
        ),
    )
