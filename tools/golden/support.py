"""Writes `docs/support.md` from what the engines make of the golden cases: `make support`."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillion.export.plan.stages import WRITERS
from pillion.export.plan.stages.without_element import WITHOUT_ELEMENT
from tools.checkout import JAR, ROOT
from tools.golden.outcome import Outcome, outcome
from tools.golden.spark_classes import spark_classes, unfitted
from tools.golden.store import DATA, Golden, read, read_refused, recorded

PAGE = ROOT / "docs" / "support.md"
_CULPRIT = re.compile(r"stage (\d+) of \d+, \S+, can't be converted to PMML: (.*)$", re.DOTALL)
_SHOWN: Mapping[str, Sequence[str]] = {
    "GeneralizedLinearRegression": ("family", "link"),
    "NaiveBayes": ("modelType",),
    "KMeans": ("distanceMeasure",),
    "Imputer": ("strategy",),
    "SparkXGBClassifier": ("booster",),
    "SparkXGBRegressor": ("objective", "booster"),
    "BisectingKMeans": ("distanceMeasure",),
}
_PREPARATION = (
    "Binarizer", "BucketedRandomProjectionLSH", "Bucketizer", "CategoricalDomain", "ChiSqSelector", "ContinuousDomain",
    "DCT", "ElementwiseProduct", "Imputer", "IndexToString", "Interaction", "InvalidCategoryTransformer",
    "MaxAbsScaler", "MinHashLSH", "MinMaxScaler", "Normalizer", "OneHotEncoder",
    "PolynomialExpansion", "QuantileDiscretizer", "RFormula", "RobustScaler", "SQLTransformer", "StandardScaler",
    "SparseToDenseTransformer", "StringIndexer", "TargetEncoder", "UnivariateFeatureSelector",
    "VarianceThresholdSelector", "VectorAssembler", "VectorDensifier", "VectorDisassembler", "VectorIndexer",
    "VectorSizeHint", "VectorSlicer",
)  # fmt: skip
_TEXT = (
    "CountVectorizer", "FeatureHasher", "FPGrowth", "HashingTF", "IDF", "NGram", "PCA", "RegexTokenizer",
    "StopWordsRemover", "Tokenizer", "Word2Vec",
)  # fmt: skip
_BESIDES = ("LightGBM", "SparkXGB")
"""How the names of models begin that other packages have."""
_KINDS = (("Preparation", _PREPARATION), ("Text and components", _TEXT), ("Models", ()))


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as the page shows it: the stages, and what each engine made of it."""

    golden: Golden
    compiled: Outcome
    interpreter: Outcome

    @property
    def exact(self) -> bool:
        return self.compiled.arithmetic == "spark" and self.compiled.exact

    @property
    def differs(self) -> bool:
        return self.compiled.arithmetic == "spark" and not self.compiled.exact


def page(folder: Path = DATA, jar: Path = JAR) -> str:
    """The page's text."""
    shown = []
    for name in recorded(folder):
        golden = read(name, folder)
        shown.append(Shown(golden, outcome(golden, "compiled", jar), outcome(golden, "jpmml", jar)))
    return "\n".join([*_head(shown), *_stages(shown, read_refused(folder)), *_classes(), *_cases(shown)]) + "\n"


def _head(shown: Sequence[Shown]) -> list[str]:
    exact = [case for case in shown if case.exact]
    same = [case for case in shown if case.interpreter.exact]
    return [
        "# What is supported, and how exactly",
        "",
        "This page is written by `make support` from what the engines make of the golden cases; a test fails when it",
        "is out of date. A golden case is a fitted Spark pipeline on a real table, with Spark's outputs for real",
        "rows and for edge rows (missing, unseen, NaN, ±Infinity, −0.0, thresholds and the doubles next to them).",
        "",
        f"Of {len(shown)} cases with {sum(case.golden.rows for case in shown):,} rows, the compiled engine gives",
        f"Spark's bits, and Spark's errors, on every row of {len(exact)} cases;",
        f"the interpreter on every row of {len(same)}.",
        "",
        _count(shown),
        "",
        "- **exact**: 0 ULPs on every output of every row, and an error where Spark throws or drops the row.",
        "- **interpreter only**: the compiled engine refuses the document, and the interpreter scores it.",
        "- **plan only**: the converter (JPMML-SparkML) has no PMML for it, so the document has a plan and no model.",
        "- **not exported**: neither a plan nor PMML has a form for it; `pillion export` names the stage.",
        "",
    ]


def _count(shown: Sequence[Shown]) -> str:
    """How many of Spark's stages are exact, are left to the interpreter, and are refused."""
    known = spark_classes()
    held = {name for name in known if name in WITHOUT_ELEMENT and WITHOUT_ELEMENT[name].walked}
    inexact = {stage["stage"] for case in shown if not case.exact for stage in case.golden.about["stages"]}
    left = {name for name in known & WRITERS.keys() if inexact & unfitted(name)}
    exact, refused = (known & WRITERS.keys()) - left, known - WRITERS.keys() - held
    besides = sorted(name for name in WRITERS if name.startswith(_BESIDES) and not inexact & unfitted(name))
    return (
        f"**Of the {len(known)} transformers and models of pyspark.ml, {len(exact) + len(held)} are exact"
        f" ({len(held)} of them by the stages that they hold), {len(left)} by the interpreter in some case, and"
        f" {len(refused)} refused.** Besides, {len(besides)} models of boosters are exact: {', '.join(besides)}."
    )


def _stages(shown: Sequence[Shown], refused: Mapping[str, Any]) -> list[str]:
    users: dict[str, list[Shown]] = {}
    for case in shown:
        for title in dict.fromkeys(title for stage in case.golden.about["stages"] for title in _titles(stage)):
            users.setdefault(title, []).append(case)
    reasons: dict[str, tuple[str, str]] = {}
    for name, refusal in refused.items():
        match = _CULPRIT.search(refusal["reason"])
        if match is not None:
            title = _titles(refusal["stages"][int(match[1]) - 1])[-1]
            reasons.setdefault(title, (name, match[2]))
    lines = []
    named = {stage for _, stages in _KINDS for stage in stages}
    for kind, stages in _KINDS:
        chosen = stages or [t.split(" ")[0] for t in {*users, *reasons} if t.split(" ")[0] not in named]
        titles = sorted(t for t in {*users, *reasons} if t.split(" ")[0] in chosen)
        lines += [f"## {kind}", "", "| stage | compiled engine | interpreter | cases |", "|---|---|---|---|"]
        for title in titles:
            if title in users:
                lines.append(_stage_row(title, users[title]))
            if title in reasons:
                name, reason = reasons[title]
                what = "not exported" if title not in users else "in part not exported"
                lines.append(f"| {title} | {what}: {_plain(reason)} | – | `{name}` |")
        lines.append("")
    return lines


def _titles(stage: Mapping[str, Any]) -> list[str]:
    name = stage["stage"]
    if name == "LogisticRegression" and "classes" in stage:
        return [f"{name} {'binomial' if stage['classes'] == 2 else 'multinomial'}"]
    if name in _SHOWN:
        return [" ".join([name, ", ".join(str(stage[key]) for key in _SHOWN[name] if key in stage)]).strip()]
    if "handleInvalid" in stage:
        return [f"{name} handleInvalid={stage['handleInvalid']}"]
    return [name]


def _stage_row(title: str, cases: Sequence[Shown]) -> str:
    exact, differing = [c for c in cases if c.exact], [c for c in cases if c.differs]
    if differing:
        ulps = max(c.compiled.comparison.difference.max_ulps for c in differing if c.compiled.comparison)
        status = f"within {ulps:,} ULPs" if ulps else "other errors than Spark"
        status += f" in {len(differing)} of {len(cases)} cases"
    elif exact:
        status = "exact" + ("" if len(exact) == len(cases) else f" where compiled ({len(exact)} of {len(cases)} cases)")
    else:
        status = "interpreter only"
    shown = [f"`{c.golden.name}`" for c in (differing or exact or cases)]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"| {title} | {status} | {_interpreter(cases)} | {', '.join(shown[:3])}{more} |"


def _interpreter(cases: Sequence[Shown]) -> str:
    comparisons = [c.interpreter.comparison.difference for c in cases if c.interpreter.comparison is not None]
    if not comparisons:
        return "plan only"
    same = sum(not d.rows_differing for d in comparisons)
    if same == len(comparisons):
        return "same bits"
    ulps = max(d.max_ulps for d in comparisons)
    return f"same bits in {same} of {len(comparisons)}, else up to {_big(ulps)} ULPs"


def _classes() -> list[str]:
    """Each transformer and model of pyspark.ml: whether plans have an element for it, and what to do if not."""
    known = sorted(spark_classes())
    written = [name for name in known if name in WRITERS]
    walked = [name for name in known if name in WITHOUT_ELEMENT and WITHOUT_ELEMENT[name].walked]
    lines = [
        "## Every transformer and model of pyspark.ml",
        "",
        f"Of the {len(known)} classes of the installed pyspark.ml, plans have an element for {len(written)}:",
        ", ".join(written) + ".",
        "",
        f"{len(walked)} hold other stages, which are exported one by one: {', '.join(walked)}. The others:",
        "",
        "| class | it … | instead |",
        "|---|---|---|",
    ]
    for name in known:
        if name not in written and name not in walked:
            absent = WITHOUT_ELEMENT[name]
            lines.append(f"| {name} | {absent.reason} | {absent.instead} |")
    return [*lines, ""]


def _cases(shown: Sequence[Shown]) -> list[str]:
    lines = [
        "## The cases",
        "",
        "| case | stages | rows | Spark refuses | compiled engine | interpreter: rows that differ, ULPs |",
        "|---|---|---|---|---|---|",
    ]
    for case in shown:
        stages = ", ".join(dict.fromkeys(stage["stage"] for stage in case.golden.about["stages"]))
        compiled = "exact" if case.exact else "**differs**" if case.differs else f"refused: {_plain(_why(case))}"
        interpreter = "plan only"
        if case.interpreter.comparison is not None:
            difference = case.interpreter.comparison.difference
            interpreter = f"{difference.rows_differing}, {_big(difference.max_ulps)}"
        lines.append(
            f"| `{case.golden.name}` | {stages} | {case.golden.rows} | {len(case.golden.errors)} | {compiled} |"
            f" {interpreter} |"
        )
    return lines


def _why(case: Shown) -> str:
    return case.compiled.refusal or "no Spark plan in the document, so it is computed in the interpreter's arithmetic"


def _big(ulps: int) -> str:
    return f"{ulps:,}" if ulps < 10**6 else f"10^{len(str(ulps)) - 1}"


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:160]


def main() -> int:
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
