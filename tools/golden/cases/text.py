"""Text stages, principal components and frequent item sets."""

from collections.abc import Mapping, Sequence

from pyspark.ml.classification import LogisticRegression, NaiveBayes
from pyspark.ml.feature import (
    IDF,
    PCA,
    CountVectorizer,
    FeatureHasher,
    HashingTF,
    NGram,
    RegexTokenizer,
    SQLTransformer,
    StopWordsRemover,
    Tokenizer,
    Word2Vec,
)
from pyspark.ml.fpm import FPGrowth

from tools.golden.cases.case import CONTEXT, DIGITS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled

FREE_TEXTS = (
    "the", "THE  Dark,  night", "a", " love ", "Zzz unseen words", "", " ", " \t two  blanks  ",
    "Night! (night); night.", "love\nand\r\ndeath\u000b\u000cof\u0085a\u2028man", "\u00a0no\u2003break\u00a0",
    "DARK İSTANBUL I ı i İ", "ΤΟ ΣΊΣΥΦΟΣ ΟΔΟΣ", "e\u0301te\u0301 été ÉTÉ E\u0301", "𝒩𝒾𝑔𝒽𝓉 👍🏽 love👩\u200d👧 𐐀",
    "\ufb01lm ŉ ß ẞ Ǆ", "you're don't i've", "x" * 300, "the the the the man man a a a", "1984 2001 9½ ٣", "null", "-",
    "a\u0000b",
)  # fmt: skip
"""Texts with punctuation, case, runs of blanks, marks that combine, and characters of four bytes."""
_TITLES = {"title": FREE_TEXTS}

_SQL = r"""SELECT *, lower(title) AS lowered, upper(title) AS uppered, trim(title) AS trimmed, ltrim(title) AS left_cut,
    rtrim(title) AS right_cut, length(title) AS letters, concat(title, '|', genres) AS joined,
    title || size(split(genres, '[|]')) AS counted, substring(title, 2, 5) AS part, substring(title, -4) AS tail,
    substring(title, -300, 298) AS far, left(title, 3) AS head, right(title, 3) AS last,
    regexp_replace(title, r'(\w+) (\w+)', '$2 $1') AS swapped, regexp_replace(title, '[aeiou]', '', 3) AS vowelless,
    replace(title, 'the', '$1') AS replaced, regexp_extract(title, r'(\w+)$', 1) AS word,
    split(title, ' ')[0] AS first, element_at(split(title, r'\s+', 3), -1) AS rest, size(split(title, '')) AS units,
    title LIKE '%Dark%' AS dark, title LIKE 'The _%' AS the, title NOT LIKE r'%\_%' AS plain,
    title RLIKE r'^[A-Z].*\d$' AS numbered, title IN ('a', 'the', 'null') AS listed, title BETWEEN 'a' AND 'm' AS early,
    contains(title, '.') AS dotted, startswith(title, 'D') AS d, endswith(title, ')') AS bracketed,
    nvl(title, 'none') AS known,
    CASE WHEN title LIKE '% %' THEN split(title, ' ')[1] ELSE genres END AS second
    FROM __THIS__"""


_MORE_SQL = r"""SELECT *, concat_ws('-', title, genres, split(genres, '[|]')) AS joined,
    concat_ws(title, 'a', 'b') AS between, lpad(title, 12, '.-') AS filled, rpad(title, 7, 'Ω𝒩') AS ended,
    lpad(title, 3, '') AS cut, lpad(genres, 0, '-') AS none, title ILIKE '%DARK%' AS dark, title ILIKE 'the _%' AS the,
    title LIKE '%!_%' ESCAPE '!' AS lined, title LIKE '%/%%' ESCAPE '/' AS percents,
    array_contains(split(genres, '[|]'), 'Drama') AS drama, nullif(title, 'the') AS other,
    try_cast(title AS DOUBLE) AS number, try_cast(title AS INT) AS whole, cast(year AS STRING) AS year_text,
    cast(year / 3 AS STRING) AS third, cast(cast(year / 7 AS FLOAT) AS STRING) AS single,
    cast(cast(year AS DECIMAL(9, 2)) AS STRING) AS decimal_text, reverse(title) AS reversed,
    repeat(genres, 2) AS twice, instr(title, 'a') AS place, instr(title, '') AS start,
    locate('The', title) AS located, btrim(title) AS trimmed, cast(DATE'2001-02-03' AS STRING) AS day_text,
    concat(title, year) AS titled
    FROM __THIS__"""


_NAMES_SQL = """SELECT *, initcap(title) AS capital, initcap(genres) AS genre, lower(title) AS small,
    upper(title) AS great, substring_index(title, ' ', 2) AS two,
    substring_index(title, ' ', -1) AS last, substring_index(genres, '|', cast(year - 1995 AS INT)) AS some,
    substring_index(title, '', 1) AS none, substring_index(title, 'aa', 2) AS overlapping,
    substring_index(title, 'aa', -2) AS backwards, locate('e', title, 3) AS third, locate('', title, 2) AS empty,
    locate('a', title, cast(year - 1995 AS INT)) AS later, position('a', title, -1) AS before
    FROM __THIS__"""
_NAMES: Mapping[str, Sequence[float | str]] = {
    "title": [
        "the ΟΔΟΣ ΣΑΣ aΣ", "ßa ŉa ǆ ﬁx ﬀ ﬓ", "İI ıI iİ", "ᾳ ᾲ ᾷ ᾈ ΐ ǰ ẚ և", "aaaa", "aa", "a  b", " a", "A.Σ'b",
        "𐐨𐐀 𝒩x", "o'neil mc-donald", "x\ty\u00a0z", "éa ÉA", "ა Ა",
        "ıΣ1ς", "σᾳ.\u0301Σ",
    ],
    "year": [1994.0, 1990.0, 2e9, 1996.5],
}  # fmt: skip


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "sql_more_text",
            "films",
            ("title", "genres", "year"),
            [SQLTransformer(statement=_MORE_SQL)],
            label=None,
            edges={**_TITLES, "year": (1e7, 1e-3, 123456789.0, -0.0, 1e-5)},
            sample=30,
        ),
        Case(
            "sql_names",
            "films",
            ("title", "genres", "year"),
            [SQLTransformer(statement=_NAMES_SQL)],
            label=None,
            edges=_NAMES,
            sample=30,
        ),
        Case(
            "text_counts",
            "films",
            ("plain",),
            [
                Tokenizer(inputCol="plain", outputCol="words"),
                CountVectorizer(inputCol="words", outputCol="features", vocabSize=40, minDF=5.0),
                LogisticRegression(regParam=1e-2),
            ],
            edges={"plain": FREE_TEXTS},
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
            "text_case",
            "films",
            ("title",),
            [
                RegexTokenizer(
                    inputCol="title", outputCol="tokens", pattern="[\\s(),:!.]+", toLowercase=False, minTokenLength=2
                ),
                StopWordsRemover(inputCol="tokens", outputCol="words", caseSensitive=True),
                CountVectorizer(inputCol="words", outputCol="features", vocabSize=40, minDF=4.0, binary=True),
                LogisticRegression(regParam=1e-2),
            ],
            edges=_TITLES,
        ),
        Case(
            "text_matches",
            "films",
            ("title",),
            [
                RegexTokenizer(
                    inputCol="title", outputCol="tokens", pattern="\\p{L}\\p{M}*|\\d+", gaps=False, minTokenLength=0
                ),
                StopWordsRemover(inputCol="tokens", outputCol="words", locale="tr", stopWords=["I", "İ", "X", "9"]),
                NGram(n=3, inputCol="words", outputCol="triples"),
                CountVectorizer(inputCol="triples", outputCol="features", vocabSize=60, minDF=3.0, minTF=0.05),
                LogisticRegression(regParam=1e-2),
            ],
            edges=_TITLES,
        ),
        Case(
            "text_hashes",
            "films",
            ("title",),
            [
                Tokenizer(inputCol="title", outputCol="words"),
                HashingTF(inputCol="words", outputCol="counts", numFeatures=500),
                IDF(inputCol="counts", outputCol="features", minDocFreq=2),
                LogisticRegression(regParam=1e-2),
            ],
            edges=_TITLES,
        ),
        Case(
            "text_hashes_binary",
            "films",
            ("title",),
            [
                Tokenizer(inputCol="title", outputCol="words"),
                HashingTF(inputCol="words", outputCol="features", numFeatures=1000, binary=True),
                NaiveBayes(),
            ],
            edges=_TITLES,
        ),
        Case(
            "text_vectors",
            "films",
            ("title",),
            [
                Tokenizer(inputCol="title", outputCol="words"),
                Word2Vec(inputCol="words", outputCol="features", vectorSize=9, minCount=4, seed=7),
                LogisticRegression(regParam=1e-3),
            ],
            edges=_TITLES,
        ),
        Case(
            "hashed_columns",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                FeatureHasher(
                    inputCols=[*NUMBERS, *CONTEXT],
                    categoricalCols=["weekday", "user_ratings"],
                    numFeatures=64,
                    outputCol="features",
                ),
                LogisticRegression(regParam=1e-2),
            ],
            edges={"device": FREE_TEXTS},
        ),
        Case("sql_text", "films", ("title", "genres"), [SQLTransformer(statement=_SQL)], label=None, edges=_TITLES),
        Case(
            "sql_words",
            "films",
            ("genres",),
            [
                SQLTransformer(statement="SELECT *, split(lower(genres), '[|]') AS words FROM __THIS__"),
                CountVectorizer(inputCol="words", outputCol="features"),
                LogisticRegression(regParam=1e-2),
            ],
            edges={"genres": ("drama|DRAMA|", "|", "(no genres listed)", "ΔΡΑΜΑΣ|comedy")},
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
