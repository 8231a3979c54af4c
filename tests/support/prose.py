"""Random stages on a text: what Hypothesis draws is a plain value, and `stages` makes Spark's of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from pyspark.ml import feature

WORDS = ("the", "The", "a", "film", "Film!", "dark", "night,", "İstanbul", "ΟΔΟΣ", "e\u0301te", "👍🏽", "it's", "", "9")
_LETTERS = " \t\n.,!aAiIıİΣσß\u0301\u00a0\u2028\U0001d49c9-"


@dataclass(frozen=True, slots=True)
class Prose:
    """The stages on one text.

    Attributes:
        pattern: the regular expression of a RegexTokenizer; None for a Tokenizer.
        gaps: whether it matches what is between tokens.
        lowercase: whether it makes lower case.
        shortest: the shortest token.
        stops: how stop words are removed: `none`, `case`, or the locale by which case does not count.
        grams: how many words follow each other in a term; 0 for the words themselves.
        vectors: what is made of the terms: `counts`, `hashes`, `means`.
        least: minTF of counts.
        binary: whether counts are 1.
        weighed: whether counts are weighed by an IDF.
    """

    pattern: str | None
    gaps: bool
    lowercase: bool
    shortest: int
    stops: str
    grams: int
    vectors: str
    least: float
    binary: bool
    weighed: bool


TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
    st.text(alphabet=_LETTERS, max_size=24),
    st.none(),
)


def proses() -> st.SearchStrategy[Prose]:
    return st.builds(
        Prose,
        pattern=st.sampled_from((None, None, "\\s+", "\\W+", "[^\\p{L}]", "\\p{L}\\p{M}*|\\d", "(?i)i|,", "")),
        gaps=st.booleans(),
        lowercase=st.booleans(),
        shortest=st.integers(0, 3),
        stops=st.sampled_from(("none", "case", "en", "tr")),
        grams=st.integers(0, 3),
        vectors=st.sampled_from(("counts", "counts", "hashes", "means")),
        least=st.sampled_from((1.0, 1.0, 0.0, 0.2, 2.0)),
        binary=st.booleans(),
        weighed=st.booleans(),
    )


def training_texts(seed: int, count: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, random.integers(1, 8)).tolist()) for _ in range(count)]


def stages(prose: Prose, name: str) -> tuple[list[Any], str]:
    """The unfitted stages from the column `name`, and the column of vectors that they make; needs a session."""
    words, made = f"{name}_words", f"{name}_vectors"
    out: list[Any] = [_tokenizer(prose, name, words)]
    if prose.stops != "none":
        out.append(
            feature.StopWordsRemover(
                inputCol=words, outputCol=f"{words}_left", stopWords=["the", "I", "İSTANBUL", "9"],
                caseSensitive=prose.stops == "case", locale="en" if prose.stops == "case" else prose.stops,
            )
        )  # fmt: skip
        words = f"{words}_left"
    if prose.grams:
        out.append(feature.NGram(n=prose.grams, inputCol=words, outputCol=f"{words}_grams"))
        words = f"{words}_grams"
    weighed = prose.weighed and prose.vectors != "means"
    out.append(_vectors(prose, words, f"{made}_raw" if weighed else made))
    if weighed:
        out.append(feature.IDF(inputCol=f"{made}_raw", outputCol=made))
    return out, made


def _tokenizer(prose: Prose, name: str, words: str) -> Any:
    if prose.pattern is None:
        return feature.Tokenizer(inputCol=name, outputCol=words)
    return feature.RegexTokenizer(
        inputCol=name, outputCol=words, pattern=prose.pattern, gaps=prose.gaps, toLowercase=prose.lowercase,
        minTokenLength=prose.shortest,
    )  # fmt: skip


def _vectors(prose: Prose, words: str, made: str) -> Any:
    columns: dict[str, Any] = {"inputCol": words, "outputCol": made}
    if prose.vectors == "counts":
        return feature.CountVectorizer(vocabSize=12, minTF=prose.least, binary=prose.binary, **columns)
    if prose.vectors == "hashes":
        return feature.HashingTF(numFeatures=8, binary=prose.binary, **columns)
    return feature.Word2Vec(vectorSize=3, minCount=1, seed=5, **columns)
