"""The run: every route over every case; what a route can't do is said and counted, never left out."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pillion.errors import InvalidModel, PillionError
from pillion.parity.case import Case
from pillion.parity.compare import Comparison, Difference, compare
from pillion.parity.routes import RankedRoute, Route, RouteKind
from pillion.parity.verdict import Verdict, judge
from pillion.scoring import Scores
from pillion.scoring.scorer import EXACT_ARITHMETIC

Progress = Callable[[str], None]
Count = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one route on one case.

    Attributes:
        case: the case, with the rows that the route was asked.
        route: name of the route.
        about: the route in plain words.
        engine: the engine that scored; empty where none did.
        arithmetic: whose bits the route promises.
        actual: its answers; None where it can't run the case.
        comparison: of them with the reference; None where it can't run the case.
        verdict: whether it passes; None where it can't run the case.
        refusal: why it can't run the case; empty where it did.
        unsupported: whether it can't because its engine declines the document, as an engine may.
        seconds: that scoring took.
        not_asked: rows of the case that the route can't be asked about.
        unanswered: outputs that the document's model doesn't have, and that the route can't be asked for.
    """

    case: Case
    route: str
    engine: str
    arithmetic: str
    actual: Scores | None
    comparison: Comparison | None
    verdict: Verdict | None
    refusal: str = ""
    unsupported: bool = False
    seconds: float = 0.0
    not_asked: int = 0
    unanswered: tuple[str, ...] = ()
    about: str = ""

    @property
    def ran(self) -> bool:
        """Whether the route could run the case."""
        return self.comparison is not None

    @property
    def difference(self) -> Difference | None:
        """The comparison in a few numbers, without rows that have an explanation; ranks as the verdict counts them."""
        if self.comparison is None or self.verdict is None:
            return None
        rest = self.comparison.without(self.verdict.explained_rows).difference
        return replace(rest, rows=self.comparison.rows, ranks_differing=self.verdict.ranks_differing)


def run_case(
    case: Case,
    kinds: Iterable[RouteKind],
    progress: Progress = lambda text: None,
    count: Count = lambda what, done, total: None,
) -> list[Result]:
    """Scores a case by each route, one after the other, and judges each.

    Args:
        case: the case.
        kinds: the routes.
        progress: Is told what is being done.
        count: Is told how many of the rows of all routes are scored.
    """
    kinds, done, results = list(kinds), 0, []
    total = sum(kind.rows(case) for kind in kinds)
    for kind in kinds:
        count(f"{case.group or case.model}: rows of {len(kinds)} routes", done, total)
        results.append(_run(case, kind, progress))
        done += kind.rows(case)
    if kinds:
        count(f"{case.group or case.model}: rows of {len(kinds)} routes", done, total)
    return results


def _run(case: Case, kind: RouteKind, progress: Progress) -> Result:
    selected = kind.select(case)
    progress(f"{case.model}: {kind.name}, {selected.rows:,} rows")
    try:
        route = kind.open(case)
    except PillionError as refusal:
        return _refused(case, kind, refusal)
    try:
        started = time.monotonic()
        actual = route.score(selected.columns, selected.rows)
        seconds = time.monotonic() - started
        ranks = route.ranks_differing(selected) if isinstance(route, RankedRoute) else None
        return _judged(selected, kind, route, actual, seconds, ranks, case.rows - selected.rows)
    except PillionError as failure:
        return _refused(case, kind, failure)
    finally:
        route.close()


def _judged(
    selected: Case, kind: RouteKind, route: Route, actual: Scores, seconds: float, ranks: int | None, not_asked: int
) -> Result:
    names = [name for name in selected.outputs if name in actual.columns] if kind.real_only else selected.outputs
    exact = route.arithmetic == EXACT_ARITHMETIC
    absent = [name for name in names if name not in actual.columns]
    if absent and (exact or len(absent) == len(names)):
        raise InvalidModel(f"the route does not answer the output '{absent[0]}'")
    names = [name for name in names if name not in absent]
    selected = replace(selected, score=tuple(name for name in selected.score if name in names))
    comparison = _compared(selected, names, actual)
    verdict = judge(selected, actual, comparison, exact, ranks)
    return Result(
        selected, kind.name, route.engine, route.arithmetic, actual, comparison, verdict,
        seconds=seconds, not_asked=not_asked, unanswered=tuple(absent), about=kind.about,
    )  # fmt: skip


def ranked_by(result: Result, score: Sequence[str]) -> Result:
    """Returns a result as it is where rows are ranked by other outputs; those that the route lacks don't count."""
    if result.comparison is None or result.actual is None:
        return result
    names = list(result.comparison.columns)
    case = replace(result.case, score=tuple(name for name in score if name in names))
    comparison = _compared(case, names, result.actual)
    verdict = judge(case, result.actual, comparison, result.arithmetic == EXACT_ARITHMETIC)
    return replace(result, case=case, comparison=comparison, verdict=verdict)


def _compared(case: Case, names: Sequence[str], actual: Scores) -> Comparison:
    return compare(
        {name: case.expected.columns[name] for name in names},
        actual.columns,
        decisions=[name for name in case.labels if name in names],
        score=case.score,
        refused=frozenset(error.row for error in actual.row_errors),
        failed=frozenset(error.row for error in case.expected.row_errors),
    )


def _refused(case: Case, kind: RouteKind, reason: PillionError) -> Result:
    unsupported = isinstance(reason, InvalidModel)
    return Result(case, kind.name, "", "", None, None, None, str(reason), unsupported, 0.0, case.rows, about=kind.about)


def failures(results: Sequence[Result], demanded: Sequence[str] = ()) -> list[str]:
    """Returns what failed, one sentence each.

    Args:
        results: of all cases and routes.
        demanded: engines that must not decline a document; the cases of a group may be declined, and are counted.
    """
    found = []
    for result in results:
        where = f"{result.case.model} by {result.route}"
        if result.verdict is not None:
            found += [f"{where}: {problem}" for problem in result.verdict.problems]
        elif not result.unsupported or (
            not result.case.group and any(engine in result.route.split() for engine in demanded)
        ):
            found.append(f"{where} did not run: {result.refusal}")
    return found
