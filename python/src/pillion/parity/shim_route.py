"""The shim, or a host in its place, as a route: whole recommendations, held against what the reference's scores rank.

A row has the features that the online store holds of its user and its item; that these are the ones which
the reference scored is what this route proves beside the rest.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np

from pillion.errors import SidecarError
from pillion.parity.case import Case, ShimRequest
from pillion.parity.routes import TIMEOUT_S, Columns
from pillion.scoring import RowError, Scores, rank
from pillion.types import Value

_AT_ONCE = 4
_ONLINE = "online"
_PAUSE_S = 0.1


class ShimRoute:
    """A running shim, or a host with its routes, asked for the ranking of every item of each request.

    Args:
        address: its `http://HOST:PORT`.
        case: whose requests are asked.
        classes: the item of each output, of a model that scores all items in one row; None where a row is an item.
        arithmetic: whose bits the served version promises.
        start_s: how long it may take until the first answer of the model, since it may still read its features.
    """

    def __init__(
        self, address: str, case: Case, classes: Mapping[str, int] | None, arithmetic: str, start_s: float = 0.0
    ) -> None:
        self.engine = ""
        self.arithmetic = arithmetic
        self._address = address
        self._looks = round(start_s / _PAUSE_S)
        self._model = case.model
        self._classes = None if classes is None else dict(classes)
        self._outputs = case.score
        self._requests = case.requests
        self._answers: list[list[int]] = []

    def score(self, columns: Columns, rows: int) -> Scores:
        """Asks all requests, of which the rows stand; the columns come from the store. See `Route.score`.

        Raises:
            SidecarError: A request was answered by the fallback, whose items say nothing about the model's bits.
        """
        requests = [request for request in self._requests if max(request.rows) < rows]
        answers = asyncio.run(self._ask_all(requests))
        fallbacks = Counter(answer["reason"] for answer in answers if answer["source"] != _ONLINE)
        if fallbacks:
            reasons = ", ".join(f"{reason}: {count:,}" for reason, count in fallbacks.items())
            raise SidecarError(f"{fallbacks.total():,} requests were answered by the fallback ({reasons})")
        found: dict[str, list[Value]] = {name: [None] * rows for name in self._outputs}
        errors = {row: RowError(row, "", "", "the route was not asked about this row") for row in range(rows)}
        self._answers = []
        for request, answer in zip(requests, answers, strict=True):
            self.engine = answer["engine"] or self.engine
            self._answers.append([item["item_id"] for item in answer["items"]])
            scores = {item["item_id"]: item["score"] for item in answer["items"]}
            for row, name, item in self._scores(request):
                found[name][row] = scores.get(item)
                if item in scores:
                    errors.pop(row, None)
                elif row in errors:
                    errors[row] = RowError(row, "", str(item), f"the answer lacks the item {item}")
        return Scores(found, tuple(errors.values()))

    def ranks_differing(self, case: Case) -> int:
        """See `RankedRoute.ranks_differing`."""
        requests = [request for request in case.requests if max(request.rows) < case.rows]
        wrong = 0
        for request, answered in zip(requests, self._answers, strict=True):
            asked = list(self._scores(request))
            items = np.array([item for _, _, item in asked], dtype=np.int64)
            scores = [case.expected.columns[name][row] for row, name, _ in asked]
            right = rank(items, scores, len(items)).items.tolist()
            wrong += sum(a != b for a, b in zip(right, answered, strict=False)) + abs(len(right) - len(answered))
        return wrong

    def close(self) -> None:
        """See `Route.close`; the process is somebody else's."""

    def _scores(self, request: ShimRequest) -> Sequence[tuple[int, str, int]]:
        """Row, output and item of each score that a request is answered with."""
        if self._classes is not None:
            return [(request.rows[0], name, self._classes[name]) for name in self._outputs]
        return [(row, self._outputs[0], item) for row, item in zip(request.rows, request.items, strict=True)]

    async def _ask_all(self, requests: Sequence[ShimRequest]) -> list[Any]:
        free = asyncio.Semaphore(_AT_ONCE)
        async with httpx.AsyncClient(base_url=self._address, timeout=TIMEOUT_S, trust_env=False) as client:

            async def ask(request: ShimRequest) -> Any:
                async with free:
                    return await self._ask(client, request)

            if requests:
                await self._until_online(client, requests[0])
            return await asyncio.gather(*(ask(request) for request in requests))

    async def _until_online(self, client: httpx.AsyncClient, request: ShimRequest) -> None:
        """Waits while a process that has just started reads its features."""
        for _ in range(self._looks):
            if (await self._ask(client, request))["source"] == _ONLINE:
                return
            await asyncio.sleep(_PAUSE_S)

    async def _ask(self, client: httpx.AsyncClient, request: ShimRequest) -> Any:
        candidates = list(request.items) if self._classes is None else sorted(self._classes.values())
        context = {name: value for name, value in request.context.items() if value is not None}
        body = {
            "user_id": request.user_id,
            "k": len(candidates),
            "candidates": candidates,
            "context": context,
            "model": self._model,
        }
        try:
            response = await client.post(
                "/v1/recommendations", json=body, headers={"X-Deadline-Ms": f"{TIMEOUT_S * 1000:.0f}"}
            )
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SidecarError(f"{self._address} gave no answer: {error}") from error
