"""Publishing: from a fitted pipeline to a version, which is cleared only if an installed engine reproduces Spark.

The document is exported, rows are scored in Spark, and every installed engine is held against them by the parity
run's own code. The best engine that passes is the one that the version is cleared for; where none passes, nothing is
published.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion import __version__
from pillion.export.converter import Export, export_pipeline
from pillion.export.difference import FILE as DIFFERENCE
from pillion.export.difference import explain_difference
from pillion.export.saved_pipeline import pack_pipeline
from pillion.export.session import describe_session
from pillion.export.version import Version, record
from pillion.features import measure_baseline, read_contract
from pillion.parity.case import Case, labels_of
from pillion.parity.coverage import coverage
from pillion.parity.recorded_rows import write_rows
from pillion.parity.routes import jpype_route
from pillion.parity.run import Count, Result, run_case
from pillion.parity.spark_frame import vector_sizes
from pillion.parity.spark_reference import make_case
from pillion.scoring import Ranking, Scores
from pillion.scoring.jvm import installed_engines, open_model
from pillion.scoring.repository import BASELINE, FORMAT, MODEL, NO_ENGINE, PIPELINE, VERIFICATION
from pillion.scoring.scorer import EXACT_ARITHMETIC
from pillion.types import Value

ROWS = 1000
"""Real rows of a verification set, besides those that show a class or a text that none of these shows."""
EDGES = 400
"""Edge rows that are tried, at most, besides those that sweep through every known value and boundary."""
KEPT = 600
"""Edge rows of a verification set, at most; the others are tried when it is published, and counted."""
_SCRATCH_ROWS = 20
_BATCH = 10_000
_PACKAGES = ("pillion", "pyspark", "pyspark2pmml", "numpy", "pandas", "pyarrow")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from.

    Attributes:
        model: the fitted pipeline.
        schema: its raw input columns.
        rows: real rows as columns, vectors by their elements `features[0]`, `features[1]`, …; None is missing.
        words: what the rows are, in words.
    """

    model: PipelineModel
    schema: StructType
    rows: Mapping[str, Sequence[Value]]
    words: str = "real rows"


def prepare(
    session: SparkSession,
    origin: Origin,
    *,
    jar: Path,
    name: str = "model",
    ranking: Ranking | None = None,
    sources: Mapping[str, str] | None = None,
    seed: int = 7,
    keep_pipeline: bool = False,
    require_pmml: bool = False,
    progress: Progress = lambda text: None,
) -> Version:
    """Exports a pipeline and tries every installed engine on it.

    Args:
        session: Spark's.
        origin: the pipeline and real rows.
        jar: the sidecar's.
        name: of the model, for messages.
        ranking: how outputs become items in order; None for a model that ranks nothing.
        sources: where inputs come from when served (`user`, `item` or `online`), by name.
        seed: of the rows drawn and of the edge rows.
        keep_pipeline: whether the fitted pipeline is kept beside the document.
        require_pmml: whether a document without a model, which other consumers of PMML can't use, is refused.
        progress: is told what begins.

    Raises:
        UnsupportedStage: the pipeline has neither a plan nor a PMML form, or no PMML form where that is required.
        InvalidInput: the rows lack a column, or the ranking names an output that the document does not have.
    """
    progress(f"{name}: exporting to PMML")
    exported = export_pipeline(origin.model, origin.schema, vector_sizes(origin.schema, origin.rows))
    if require_pmml:
        exported.require_model()
    version = prove(
        session, origin, exported, jar=jar, name=name, seed=seed, keep_pipeline=keep_pipeline, progress=progress
    )
    return version if ranking is None and not sources else version.served_as(ranking, sources or {})


def prove(
    session: SparkSession,
    origin: Origin,
    exported: Export,
    *,
    jar: Path,
    name: str = "model",
    seed: int = 7,
    keep_pipeline: bool = False,
    notes: Sequence[str] = (),
    progress: Progress = lambda text: None,
    count: Count = lambda what, done, total: None,
) -> Version:
    """Tries every installed engine on an exported pipeline; see `prepare`.

    Args:
        session: Spark's.
        origin: the pipeline and real rows, which may lack what the document doesn't take.
        exported: what the pipeline was exported to.
        jar: the sidecar's.
        name: of the model, for messages.
        seed: of the rows drawn and of the edge rows.
        keep_pipeline: whether the fitted pipeline is kept beside the document.
        notes: what whoever trained the model should know.
        progress: is told what begins.
        count: is told what is counted, and how many rows of how many are done.

    Raises:
        InvalidInput: the rows lack columns.
    """
    document = exported.document
    progress(f"{name}: scoring the verification set in Spark")
    rows = _sample(origin.rows, seed, document, jar)
    case = make_case(
        session, name, origin.model, origin.schema, document, rows,
        jar=jar, origin=origin.words, seed=seed, most_edges=EDGES, count=count,
    )  # fmt: skip
    engines = [replace(jpype_route(engine, jar), name=engine) for engine in installed_engines(jar)]
    results = tuple(run_case(case, engines, progress, count))
    difference = explain_difference(session, origin.model, origin.schema, case, results, jar)
    best = _best(results)
    cleared = None if best is None else best.engine
    tried, case = case, case.first(case.real + KEPT)
    files = {
        MODEL: document,
        VERIFICATION: write_rows(case.columns, _answered(case.expected, best)),
        BASELINE: measure_baseline(origin.rows, read_contract(case.contract, name).inputs).to_bytes(),
        **({PIPELINE: pack_pipeline(origin.model)} if keep_pipeline else {}),
        **({DIFFERENCE: difference.to_bytes()} if difference is not None else {}),
    }
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": cleared or NO_ENGINE,
        **_form(exported),
        **_description(case, files, _besides(results), () if best is None else best.unanswered),
        "ranking": None,
        "verification": {
            "rows": case.rows,
            "real": case.real,
            "edge": case.rows - case.real,
            "tried": tried.rows,
            "spark_errors": len(case.expected.row_errors),
            "origin": case.origin,
            "coverage": coverage(case),
        },
        "parity": {result.route: record(result, case.rows) for result in results},
        "schema": json.loads(origin.schema.json()),
        "spark": describe_session(session),
        "packages": _packages(),
    }
    return Version(name, manifest, files, results, cleared, difference, tuple(notes))


def scratch_version(case: Case) -> Version:
    """Returns a version that no engine was tried on, with the case's first real rows, for a sidecar of one's own."""
    shown = case.select(min(_SCRATCH_ROWS, case.real), edges=False)
    files = {MODEL: case.document, VERIFICATION: write_rows(shown.columns, shown.expected)}
    return Version(case.model, {"engine": "auto", **_description(case, files)}, files, (), None)


def _form(exported: Export) -> dict[str, str]:
    """What a manifest says of its document: what it holds, and why not both a model and a plan."""
    reason = exported.without_model or exported.without_plan
    return {"pmml": exported.form, **({"pmml_reason": reason} if reason else {})}


def _description(
    case: Case,
    files: Mapping[str, bytes],
    besides: frozenset[str] = frozenset(),
    unanswered: Sequence[str] = (),
) -> dict[str, Any]:
    """What a manifest says of its files, inputs and outputs.

    Args:
        case: the model.
        files: of the version.
        besides: outputs that the plan has besides the document's model; they are marked.
        unanswered: outputs that the cleared engine lacks, which are left out.
    """
    return {
        "files": {file: {"sha256": hashlib.sha256(content).hexdigest()} for file, content in files.items()},
        "contract": {"inputs": list(case.contract["inputs"])},
        "outputs": [
            {**output, **({"plan": True} if output["name"] in besides else {})}
            for output in case.contract["outputs"]
            if output["name"] in case.outputs and output["name"] not in unanswered
        ],
    }


def _sample(rows: Mapping[str, Sequence[Value]], seed: int, document: bytes, jar: Path) -> dict[str, list[Value]]:
    """Draws ROWS rows without replacement (all, if there are fewer), and those that show the other decisions.

    Of the other rows, the first is taken for which the document says a class, or a text, that no row before says.
    """
    total = len(next(iter(rows.values())))
    drawn = np.random.default_rng(seed).permutation(total)[:ROWS]
    deciding = np.array(_deciding(rows, set(drawn.tolist()), document, jar), dtype=np.int64)
    chosen = np.union1d(drawn, deciding).tolist()
    return {name: [column[row] for row in chosen] for name, column in rows.items()}


def _deciding(rows: Mapping[str, Sequence[Value]], drawn: set[int], document: bytes, jar: Path) -> list[int]:
    """The rows besides those drawn that are the first with a decision of theirs."""
    total = len(next(iter(rows.values())))
    if len(drawn) == total:
        return []
    opened = open_model(document, "auto", jar)
    inputs = [field["name"] for field in opened.contract["inputs"] if field["name"] in rows]
    labels = labels_of(opened.contract["outputs"])
    found: list[int] = []
    seen: set[tuple[str, Value]] = set()
    order = [*sorted(drawn), *(row for row in range(total) if row not in drawn)]
    try:
        for start in range(0, total if labels else 0, _BATCH):
            part = order[start : start + _BATCH]
            scores = opened.score({name: [rows[name][row] for row in part] for name in inputs}, len(part))
            for name in labels:
                for row, value in zip(part, scores.columns[name], strict=True):
                    if value is not None and (name, value) not in seen:
                        seen.add((name, value))
                        found += [row] if row not in drawn else []
    finally:
        opened.close()
    return found


def _best(results: Sequence[Result]) -> Result | None:
    """The first engine that gives Spark's bits, else the first that passes; they come in the order of `auto`."""
    passed = [result for result in results if result.verdict is not None and result.verdict.passed]
    exact = [result for result in passed if result.arithmetic == EXACT_ARITHMETIC]
    return (exact or passed)[0] if passed else None


def _besides(results: Sequence[Result]) -> frozenset[str]:
    """The outputs that only an engine which computes the plan returns."""
    return frozenset(name for result in results for name in result.unanswered)


def _answered(expected: Scores, best: Result | None) -> Scores:
    """The expected outputs that the cleared engine has."""
    lacking = () if best is None else best.unanswered
    return replace(expected, columns={name: c for name, c in expected.columns.items() if name not in lacking})


def _packages() -> dict[str, str]:
    versions = {"pillion": __version__}
    for name in _PACKAGES[1:]:
        versions[name] = importlib.metadata.version(name)
    return versions
