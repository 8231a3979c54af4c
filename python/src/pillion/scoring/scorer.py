"""The scorer: what turns columns of inputs into columns of outputs, wherever it runs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pillion.errors import SidecarRefused
from pillion.scoring.rank_request import RankedItems, RankRequest
from pillion.scoring.row_error import RowError
from pillion.types import FieldType, Trace

EXACT_ARITHMETIC = "spark"
"""The arithmetic of an engine that gives Spark's bits."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Rows for a model.

    Attributes:
        model: Its name.
        types: Of every input, by name; a column of missing values cannot tell its own.
        columns: Values by input, `rows` of them each: a sequence in which None is missing, or an array in
            which nothing is.
        rows: How many.
        outputs: Which are wanted; none for all.
        request_id: Travels along, for the logs.
        trace: Travels along, for the logs.
    """

    model: str
    types: Mapping[str, FieldType]
    columns: Mapping[str, Sequence[Any]]
    rows: int
    outputs: Sequence[str] = ()
    request_id: str = ""
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """A model's answer.

    Attributes:
        columns: Values by output, in the order of the rows: an array in which nothing is missing, or a list in which
            None is missing, or in the row's place where the row is in `row_errors`.
        row_errors: Rows that could not be scored.
        model_version: The version that scored; None where it is not known.
        engine: The engine that scored.
    """

    columns: Mapping[str, Sequence[Any]]
    row_errors: tuple[RowError, ...] = ()
    model_version: int | None = None
    engine: str | None = None


class Scorer(Protocol):
    """What scores."""

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """Scores all rows, in one call.

        Args:
            request: The rows.
            timeout_s: Seconds that are left.

        Raises:
            InvalidInput: A value is not of its input's type.
            SidecarUnreachable: Nothing was processed; SidecarUntrusted where the TLS handshake failed.
            SidecarRefused: The request was declined.
            SidecarError: The answer is not usable.
            TimeoutError: The time is up.
        """
        ...

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        """Ranks items that the scorer has in memory, in one call; raises as `score` does.

        Raises:
            SidecarLacksItems: They are not in memory.
        """
        ...

    async def ping(self, timeout_s: float) -> None:
        """Returns once the scorer says that it is ready; raises as `score` does."""
        ...

    async def close(self) -> None:
        """Gives connections back."""
        ...


class FakeScorer:
    """A scorer that is a function, for tests.

    Args:
        function: Makes scores of a request, or raises.
        ranking: Makes items in order of a request, or raises.

    Attributes:
        requests: All that were scored.
        rank_requests: All that were ranked.
    """

    def __init__(
        self,
        function: Callable[[ScoreRequest], Scores | Awaitable[Scores]] | None = None,
        ranking: Callable[[RankRequest], RankedItems | Awaitable[RankedItems]] | None = None,
    ) -> None:
        self.requests: list[ScoreRequest] = []
        self.rank_requests: list[RankRequest] = []
        self._function = function
        self._ranking = ranking

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`."""
        self.requests.append(request)
        if self._function is None:
            raise SidecarRefused("this scorer scores nothing")
        scores = self._function(request)
        return scores if isinstance(scores, Scores) else await scores

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        """See `Scorer.rank`."""
        self.rank_requests.append(request)
        if self._ranking is None:
            raise SidecarRefused("this scorer ranks nothing")
        ranked = self._ranking(request)
        return ranked if isinstance(ranked, RankedItems) else await ranked

    async def ping(self, timeout_s: float) -> None:
        """Returns at once."""

    async def close(self) -> None:
        """Does nothing."""
