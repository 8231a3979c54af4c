"""What a parity run consists of: which cases, which routes, and what has to run meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.api.services import Commands, serving
from pillion.errors import InvalidInput
from pillion.parity.case import Case
from pillion.parity.moments import MomentSource
from pillion.parity.recorded_cases import golden_cases, ranked_outputs, read_contract, verification_case
from pillion.parity.routes import RouteKind, exactly, jpype_route
from pillion.parity.run import Count, Result, run_case
from pillion.scoring import ClassRanking, Manifest, ModelRepository
from pillion.scoring.jvm import installed_engines
from pillion.scoring.repository import MODEL, PIPELINE

if TYPE_CHECKING:
    pass

Progress = Callable[[str], None]
INTERPRETER = "jpmml"
SEED = 7
"""Of the edge rows."""


def _nobody(what: str, done: int, total: int | None) -> None:
    """Is told of progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many real rows are asked.

    Attributes:
        rows: of each route.
        exact: of the engines in process that promise Spark's bits.
    """

    rows: int
    exact: int

    @property
    def most(self) -> int:
        """Rows that a case needs."""
        return max(self.rows, self.exact)


@dataclass(slots=True)
class Outcome:
    """What a run found.

    Attributes:
        cases: all.
        results: of all cases and routes.
        spark: what decided the bits of the reference.
    """

    cases: list[Case] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    spark: dict[str, Any] = field(default_factory=dict)


def run_models(
    models: Path,
    model: str | None,
    amounts: Amounts,
    source: MomentSource | None,
    goldens: Path | None,
    jar: Path,
    tell: Progress,
    count: Count = _nobody,
    hosts: Commands | None = None,
) -> Outcome:
    """Runs all routes over the models of a repository, and the engines in process over recorded cases.

    A model whose pipeline was kept with it is scored in Spark now, at moments of the source, where there is one; of any
    other, the verification set is taken, which Spark scored when it was published.

    Hosts are asked about models with such moments alone, as the shim is.

    Raises:
        ConfigurationError: there is no such model.
        InvalidInput: hosts are to be asked, and no model has moments.
        InvalidModel: a version or a recorded case is bad.
    """
    repository = ModelRepository(models)
    manifests = [repository.read(name) for name in (repository.models() if model is None else [model])]
    if not manifests:
        raise InvalidInput(f"the model repository {models} has no model")
    live = [m for m in manifests if source is not None and (m.path.parent / PIPELINE).is_file()]
    if hosts and not live:
        raise InvalidInput(
            "a host takes features from a store, and these rows are of verification sets: no pipeline was kept"
        )
    outcome = Outcome()
    engines = installed_engines(jar)
    kinds = [jpype_route(e, jar, amounts.rows if e == INTERPRETER else amounts.exact) for e in engines]
    if live and source is not None:
        outcome = _run_live(live, source, amounts, kinds, jar, tell, count)
    for manifest in manifests:
        if manifest not in live:
            outcome.cases.append(verification_case(manifest, jar))
            outcome.results += run_case(outcome.cases[-1], kinds, tell, count)
    contents = source.contents if live and source is not None else None
    with serving(models, jar, contents, manifests[0].model, tell, hosts) as services:
        for case in outcome.cases:
            ways = [way for way in services.kinds(jar, amounts.rows) if case.requests or not way.real_only]
            outcome.results += run_case(case, ways, tell, count)
    exact = [exactly(jpype_route(engine, jar)) for engine in engines if engine != INTERPRETER]
    for case in golden_cases(goldens, jar) if goldens is not None else ():
        outcome.cases.append(case)
        outcome.results += run_case(case, exact, tell)
    return outcome


def _run_live(
    manifests: list[Manifest],
    source: MomentSource,
    amounts: Amounts,
    kinds: list[RouteKind],
    jar: Path,
    tell: Progress,
    count: Count,
) -> Outcome:
    """Scores models in Spark at moments, and on the routes that need no other process."""
    from pillion.export.saved_pipeline import unpack_pipeline
    from pillion.export.session import describe_session, spark_session
    from pillion.parity.spark_reference import make_case, py4j_route

    tell("starting Spark")
    with spark_session(log_level="OFF") as session:
        outcome = Outcome(spark=describe_session(session))
        for manifest in manifests:
            single_row = isinstance(manifest.ranking, ClassRanking)
            tell(f"{manifest.model}: drawing moments")
            moments = source.draw(manifest.contract["inputs"], amounts.most, single_row=single_row)
            tell(f"{manifest.model}: scoring {amounts.most:,} rows and edge rows in Spark")
            pipeline, schema = unpack_pipeline(manifest.path.parent)
            document = (manifest.path.parent / MODEL).read_bytes()
            outputs = read_contract(document, jar)["outputs"]
            case = make_case(
                session, manifest.model, pipeline, schema, document, moments.columns,
                jar=jar, origin=source.words, seed=SEED,
                score=ranked_outputs(manifest.ranking, outputs), requests=moments.requests,
            )  # fmt: skip
            outcome.cases.append(case)
            ways = [replace(py4j_route(session, e, jar), most=amounts.rows) for e in installed_engines(jar)]
            outcome.results += run_case(case, [*kinds, *ways], tell, count)
        return outcome
