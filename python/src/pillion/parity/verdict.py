"""The verdict: whether a route passes, and which of its differences PMML's own rules explain.

A route that promises Spark's arithmetic passes with no differing bit, and with an error wherever Spark throws. One that
computes in the interpreter's arithmetic passes with no other decision, no other rank and a relative difference of at
most 1e-13. Such a route takes NaN, infinities, values never seen and overflowing sums by PMML's rules, which are not
Spark's: rows that differ for such a reason are counted by reason and shown, and don't fail it.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pillion.parity.case import Case
from pillion.parity.compare import Comparison, ranks_differing
from pillion.scoring import Scores
from pillion.types import Value

LARGEST_RELATIVE = 1e-13
_HUGE = 1e100
NAN = "an input is NaN: PMML takes it for no valid number, Spark calculates with it"
INFINITE = "an input is infinite: PMML takes it for no valid number, Spark calculates with it"
HUGE = f"an input is beyond {_HUGE:.0e}: sums overflow, and where depends on their order"
UNSEEN = "an input is a value never seen: PMML goes by the field's rule for such values, Spark by handleInvalid"
MISSING = "an input is missing: PMML answers missing or with an error, Spark calculates on"
MISSING_IS_NAN = "an input is missing: Spark carries it along as NaN, PMML leaves its term out"
IMPUTED = "an edge row lacks an imputed input: the document fills it for every use, Spark in its own column only"
SPARK_THROWS = "Spark throws or drops the row, the route answers"


@dataclass(frozen=True, slots=True)
class Explained:
    """Rows whose difference has a known reason.

    Attributes:
        reason: in words.
        rows: int64, their numbers.
    """

    reason: str
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a route passes on a case.

    Attributes:
        passed: whether it does.
        problems: why not, one sentence each; none where it does.
        explained: rows that differ beyond what the rule allows, for a known reason.
        ranks_differing: places of the ranking that hold another row, explained rows left out.
    """

    passed: bool
    problems: tuple[str, ...]
    explained: tuple[Explained, ...]
    ranks_differing: int

    @property
    def explained_rows(self) -> set[int]:
        """Numbers of the rows that differ for a known reason."""
        return {row for group in self.explained for row in group.rows.tolist()}


def judge(case: Case, actual: Scores, comparison: Comparison, exact: bool, ranks: int | None = None) -> Verdict:
    """Judges a route.

    Args:
        case: what it was asked.
        actual: what it answered.
        comparison: of the two.
        exact: whether it promises Spark's arithmetic.
        ranks: places of its ranking that differ, where the route ranks itself.
    """
    if exact:
        ranks = comparison.ranks_differing if ranks is None else ranks
        problems = _problems(
            [
                (int(comparison.differing.sum()), "differ from Spark's bits", comparison.kept[comparison.differing]),
                (len(comparison.refused), "are refused though Spark answers", comparison.refused),
                (len(comparison.answered), "are answered though Spark throws", comparison.answered),
            ],
            ranks,
        )
        return Verdict(not problems, problems, (), ranks)
    explained, open_rows = _explain(case, actual, comparison)
    known = {row for group in explained for row in group.rows.tolist()}
    if ranks is None:
        rest = np.array([row for row in comparison.kept.tolist() if row not in known], dtype=np.int64)
        ranks = ranks_differing(case.expected.columns, actual.columns, case.score, rest)
    return _lenient(comparison, tuple(explained), open_rows, ranks)


def _lenient(comparison: Comparison, explained: tuple[Explained, ...], unexplained: set[int], ranks: int) -> Verdict:
    def of(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        rows = comparison.kept[mask]
        return rows[np.isin(rows, list(unexplained))]

    decided = of(comparison.decided_otherwise)
    far = of(comparison.relative > LARGEST_RELATIVE)
    refused = np.array([row for row in comparison.refused.tolist() if row in unexplained], dtype=np.int64)
    problems = _problems(
        [
            (len(decided), "have another decision than Spark's", decided),
            (len(far), f"differ by more than {LARGEST_RELATIVE:g} of the value", far),
            (len(refused), "are refused though Spark answers", refused),
        ],
        ranks,
    )
    return Verdict(not problems, problems, explained, ranks)


def _problems(counts: list[tuple[int, str, npt.NDArray[np.int64]]], ranks: int) -> tuple[str, ...]:
    found = [f"{count:,} rows {what}, row {rows[0]} the first" for count, what, rows in counts if count]
    if ranks:
        found.append(f"{ranks:,} places of the ranking hold another row than Spark's")
    return tuple(found)


def _explain(case: Case, actual: Scores, comparison: Comparison) -> tuple[list[Explained], set[int]]:
    """The rows beyond the rule: those explained, by reason, and the others."""
    beyond = comparison.decided_otherwise | (comparison.relative > LARGEST_RELATIVE)
    groups: dict[str, list[int]] = {}
    unexplained: set[int] = set()
    for row in (*comparison.kept[beyond].tolist(), *comparison.refused.tolist()):
        reason = explain(case, actual, row)
        if reason is None:
            unexplained.add(row)
        else:
            groups.setdefault(reason, []).append(row)
    explained = [Explained(reason, np.array(rows, dtype=np.int64)) for reason, rows in groups.items()]
    if len(comparison.answered):
        explained.append(Explained(SPARK_THROWS, comparison.answered))
    return explained, unexplained


def explain(case: Case, actual: Scores, row: int) -> str | None:
    """Returns why PMML's rules may give this row another answer than Spark's; None where they do not."""
    for holds, reason in _REASONS:
        if any(holds(value, known) for value, known in _cells(case, row)):
            return reason
    if any(value is None for value, _ in _cells(case, row)):
        if any(_is_nan(column[row], None) for column in case.expected.columns.values()):
            return MISSING_IS_NAN
        if all(column[row] is None for column in actual.columns.values()):
            return MISSING
        # no excuse for a real row: there, another answer is what a caller would get
        if row >= case.real and any(case.columns[name][row] is None for name in _replaced(case)):
            return IMPUTED
    return None


def _replaced(case: Case) -> list[str]:
    """Inputs whose missing values the document replaces before anything is computed of them."""
    return [field["name"] for field in case.contract["inputs"] if "missing_replacement" in field]


def _cells(case: Case, row: int) -> Iterator[tuple[Value, list[Value] | None]]:
    for field in case.contract["inputs"]:
        yield case.columns[field["name"]][row], field.get("values")


def _is_nan(value: Value, known: list[Value] | None) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_infinite(value: Value, known: list[Value] | None) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _is_unseen(value: Value, known: list[Value] | None) -> bool:
    return value is not None and bool(known) and value not in (known or ())


def _is_huge(value: Value, known: list[Value] | None) -> bool:
    return isinstance(value, float) and abs(value) >= _HUGE


_REASONS: tuple[tuple[Callable[[Value, list[Value] | None], bool], str], ...] = (
    (_is_nan, NAN),
    (_is_infinite, INFINITE),
    (_is_unseen, UNSEEN),
    (_is_huge, HUGE),
)
