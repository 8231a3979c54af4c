"""The routes: the ways in which a row gets scored, behind one small interface.

A route that is reached by a `Scorer` (HTTP, HTTP with binary tensors, gRPC, a Unix socket) takes one line:
`RouteKind("grpc", lambda case: ScorerRoute(GrpcScorer(settings), case.model))`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from pillion.errors import InvalidModel
from pillion.parity.case import Case
from pillion.parity.ulps import Doubles
from pillion.scoring import RowError, Scorer, ScoreRequest, Scores
from pillion.scoring.scorer import EXACT_ARITHMETIC
from pillion.types import FieldType, Value

if TYPE_CHECKING:
    from pillion.scoring.jvm import InProcessModel

_BATCH = 1000
TIMEOUT_S = 3600.0
"""Time of one call: longer than any machine needs, since parity judges bits and not times."""

Columns = Mapping[str, Sequence[Value]]
_ENGINES = {"compiled": "the compiled engine", "jpmml": "the PMML interpreter"}


class Route(Protocol):
    """An open route to one model.

    Attributes:
        engine: the engine that scores; empty until it is known.
        arithmetic: whose bits it promises, `spark` or `jpmml`; empty where that is not known.
    """

    engine: str
    arithmetic: str

    def score(self, columns: Columns, rows: int) -> Scores:
        """Scores `rows` rows given as columns.

        Raises:
            PillionError: The route can't.
        """
        ...

    def close(self) -> None:
        """Lets go of the model."""
        ...


@runtime_checkable
class RankedRoute(Route, Protocol):
    """A route that answers with ranked items, and only about the real rows of a case."""

    def ranks_differing(self, case: Case) -> int:
        """Returns how many places of its last answers hold another item than the reference's scores rank there."""
        ...


@dataclass(frozen=True, slots=True)
class RouteKind:
    """A way to open routes.

    Attributes:
        name: of the route, for the report.
        open: opens it for a case; raises a PillionError that says why it can't.
        real_only: whether it can be asked about real rows only.
        most: real rows that it is asked about at the most; None for all.
        about: what it is, in plain words, for the report.
    """

    name: str
    open: Callable[[Case], Route]
    real_only: bool = False
    most: int | None = None
    about: str = ""

    def rows(self, case: Case) -> int:
        """Returns how many rows of a case the route is asked about."""
        edges = 0 if self.real_only else case.rows - case.real
        return edges + (case.real if self.most is None else min(self.most, case.real))

    def select(self, case: Case) -> Case:
        """Returns the case with the rows that the route is asked about."""
        return case.select(case.real if self.most is None else self.most, edges=not self.real_only)


def name_engine(engine: str) -> str:
    """Returns what an engine is called in plain words."""
    return _ENGINES.get(engine, f"the engine '{engine}'")


class InProcessRoute:
    """An engine inside a JVM: this process's own by JPype, or Spark's by py4j.

    Args:
        model: the opened document.
    """

    def __init__(self, model: "InProcessModel") -> None:
        self._model = model
        self.engine = model.engine
        self.arithmetic = model.arithmetic

    def score(self, columns: Columns, rows: int) -> Scores:
        """See `Route.score`."""
        return self._model.score(columns, rows)

    def close(self) -> None:
        """See `Route.close`."""
        self._model.close()


def exactly(kind: RouteKind) -> RouteKind:
    """Returns the route for documents only for which it promises Spark's bits."""

    def open_exact(case: Case) -> Route:
        route = kind.open(case)
        if route.arithmetic != EXACT_ARITHMETIC:
            route.close()
            raise InvalidModel("the document does not say how Spark computes, so it is scored as the interpreter does")
        return route

    return replace(kind, open=open_exact)


def jpype_route(engine: str, jar: Path, most: int | None = None) -> RouteKind:
    """Returns the route to an engine inside this process's own JVM."""

    def open_route(case: Case) -> Route:
        from pillion.scoring.jvm import open_model

        return InProcessRoute(open_model(case.document, engine, jar))

    return RouteKind(f"jpype {engine}", open_route, most=most, about=f"{name_engine(engine)}, within this program")


class ScorerRoute:
    """A sidecar, asked in batches by the client that the data plane uses as well.

    Args:
        scorer: the client; closed by `close`.
        model: name in the sidecar's model repository.
        types: of the inputs.
        outputs: that are wanted.
        arithmetic: whose bits the served version promises.
        batch: rows in a call.
    """

    def __init__(
        self,
        scorer: Scorer,
        model: str,
        types: Mapping[str, FieldType],
        outputs: Sequence[str],
        arithmetic: str = "",
        batch: int = _BATCH,
    ) -> None:
        self.engine = ""
        self.arithmetic = arithmetic
        self._scorer = scorer
        self._request = ScoreRequest(model, types, {}, 0, tuple(outputs))
        self._batch = batch
        self._runner = asyncio.Runner()

    def score(self, columns: Columns, rows: int) -> Scores:
        """See `Route.score`."""
        found: dict[str, list[Value]] = {name: [] for name in self._request.outputs}
        errors: list[RowError] = []
        for start in range(0, rows, self._batch):
            count = min(self._batch, rows - start)
            some = {name: columns[name][start : start + count] for name in self._request.types}
            scores = self._runner.run(self._ask(replace(self._request, columns=some, rows=count)))
            self.engine = scores.engine or self.engine
            for name, column in found.items():
                values = scores.columns[name]
                column.extend(values.tolist() if isinstance(values, np.ndarray) else values)
            errors += [replace(error, row=error.row + start) for error in scores.row_errors]
        return Scores(found, tuple(errors))

    async def _ask(self, request: ScoreRequest) -> Scores:
        return await self._scorer.score(request, TIMEOUT_S)

    def close(self) -> None:
        """See `Route.close`."""
        self._runner.run(self._scorer.close())
        self._runner.close()


class BrokenRoute:
    """A route whose doubles are moved by some steps, for tests: the fake beside the real ones.

    Args:
        reply: what it answers.
        steps: how many representable doubles each number is moved up.
        every: which rows: each `every`-th.
        arithmetic: that it claims.
        output: the one column that is moved; all doubles where empty.
    """

    def __init__(
        self, reply: Scores, steps: int = 0, every: int = 1, arithmetic: str = "spark", output: str = ""
    ) -> None:
        self.engine = "broken"
        self._output = output
        self.arithmetic = arithmetic
        self._reply = reply
        self._steps = steps
        self._every = every

    def score(self, columns: Columns, rows: int) -> Scores:
        """See `Route.score`."""
        moved = {name: self._move(name, column[:rows]) for name, column in self._reply.columns.items()}
        return Scores(moved, tuple(error for error in self._reply.row_errors if error.row < rows))

    def _move(self, name: str, column: Sequence[Value]) -> Sequence[Value]:
        if self._output not in ("", name) or not all(isinstance(value, float) for value in column):
            return column
        numbers: Doubles = np.array(column, dtype=np.float64)
        for _ in range(self._steps):
            numbers[:: self._every] = np.nextafter(numbers[:: self._every], np.inf)
        moved: list[Value] = numbers.tolist()
        return moved

    def close(self) -> None:
        """See `Route.close`."""
