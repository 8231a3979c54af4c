"""Open-loop load: requests leave on schedule, whether or not the ones before were answered."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from tools.chaos import fixture_dataset
from tools.chaos.fixture_dataset import COUNTRY, DEVICE, HOUR, K

_HANG_S = 2.0
_IDLE_S = 2.0
"""Below the shim's own five seconds, so that no connection is used while it is being closed."""

_QUERY = f"k={K}&device={DEVICE}&country={COUNTRY}&hour={HOUR}".encode()
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)")


class Answer(NamedTuple):
    """An answer as it came: whose it was to be, its request's id, seconds since that was due, status and body."""

    user: int
    request_id: str
    seconds: float
    status: int
    body: bytes


@dataclass(slots=True)
class Tally:
    """What became of requests.

    Attributes:
        sent: Requests sent.
        statuses: Answers by status.
        sources: Answers by source.
        reasons: Answers by reason.
        hangs: Requests without an answer after the time limit.
        broken: Connections that ended without an answer.
        reset: Those of them that were new and ended before the first byte.
        refused: Requests whose connection was refused.
        malformed: Answers that are not of the promised form.
        wrong_user: Answers that rest on another user's features.
        seconds: Time of each answer since it was due.
        online: By order of completion, whether an answer came from the model.
        shed: Times of the answers to requests that were not admitted, in seconds since each was due.
        shed_own_ms: What the shim itself says that these answers took, in milliseconds.
        lag: By request, seconds from the moment that it was due to the one that this process began to send it.
        first: The first odd thing, in words.
        answers: Those that are not judged yet.
    """

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    hangs: int = 0
    broken: int = 0
    reset: int = 0
    refused: int = 0
    malformed: int = 0
    wrong_user: int = 0
    seconds: list[float] = field(default_factory=list)
    online: list[bool] = field(default_factory=list)
    shed: list[float] = field(default_factory=list)
    shed_own_ms: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    first: str = ""
    answers: list[Answer] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """Requests with an answer of any status."""
        return sum(self.statuses.values())

    @property
    def errors(self) -> int:
        """Answers with a status of 500 or more."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    @property
    def lost(self) -> int:
        """Requests without a good answer, but for those whose connection was refused."""
        return self.errors + self.hangs + self.broken + self.malformed + self.wrong_user

    def quantile_ms(self, share: float) -> float:
        """Returns a quantile of the answers' times, in milliseconds."""
        return quantile(self.seconds, share) * 1000

    def judge_all(self) -> None:
        """Judges the answers that were kept, and forgets them."""
        for answer in self.answers:
            self._judge(answer)
        self.answers.clear()

    def _judge(self, kept: Answer) -> None:
        self.seconds.append(kept.seconds)
        self.statuses[kept.status] += 1
        if kept.status != 200:
            self.note(f"status {kept.status}: {kept.body[:200]!r}")
            return
        try:
            answer = json.loads(kept.body)
        except ValueError:
            answer = None
        verdict = fixture_dataset.judge(answer, kept.user, kept.request_id)
        self.malformed += verdict.malformed
        self.wrong_user += verdict.wrong_user
        if verdict.malformed or verdict.wrong_user:
            self.note(f"{verdict}: {kept.body[:300]!r}")
            if answer is None:
                return
        self.sources[answer["source"]] += 1
        self.reasons[answer["reason"] or "none"] += 1
        self.online.append(answer["source"] == "online" and answer["reason"] is None)
        if answer["reason"] == "overloaded":
            self.shed.append(kept.seconds)
            self.shed_own_ms.append(answer["timings_ms"]["total"])

    def note(self, text: str) -> None:
        """Keeps the first odd thing."""
        self.first = self.first or text[:500]


def quantile(values: Sequence[float], share: float) -> float:
    """Returns the value below which that share lies; NaN where there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class NewConnectionReset(ConnectionError):
    """A new connection ended before a byte came: the server did not take it."""


class _Connection(asyncio.Protocol):
    """A kept connection, with one request under way at most."""

    def __init__(self) -> None:
        self.used_s = 0.0
        self.usable = True
        self._new = True
        self._got = bytearray()
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None

    async def exchange(self, request: bytes, limit_s: float) -> tuple[int, bytes]:
        """Sends a request; returns status and body."""
        loop = asyncio.get_running_loop()
        if not self.usable:  # it was lost before anybody waited for it
            raise NewConnectionReset("a new connection was ended")
        self._waiter = loop.create_future()
        timer = loop.call_later(limit_s, self._fail, TimeoutError())
        try:
            self._transport.write(request)
            return await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self.used_s = time.monotonic()

    def close(self) -> None:
        """Ends it at once."""
        self.usable = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        self._new = False
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._got[:end]).lower()
        length = _LENGTH.search(head)
        if not head.startswith(b"http/1.1 ") or length is None:
            self._fail(ConnectionError(f"no answer of HTTP/1.1: {head[:100]!r}"))
            return
        whole = end + 4 + int(length[1])
        if len(self._got) > whole or self._waiter is None:
            self._fail(ConnectionError(f"more than an answer: {bytes(self._got[:500])!r}"))
        elif len(self._got) == whole and not self._waiter.done():
            self.usable = b"\r\nconnection: close" not in head
            body = bytes(self._got[end + 4 :])
            self._got.clear()
            self._waiter.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._new:
            self._fail(NewConnectionReset("a new connection was ended"))
        else:
            self._fail(exc or ConnectionError(f"the connection ended after {len(self._got)} bytes of an answer"))

    def _fail(self, error: Exception) -> None:
        self.usable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class Client:
    """Connections to a shim that are kept; HTTP/1.1 by hand, since a client library would be the bottleneck."""

    def __init__(self, host: str, port: int, hang_s: float = _HANG_S) -> None:
        self._host, self._port, self._hang_s = host, port, hang_s
        self._idle: list[_Connection] = []
        self._number = 0

    async def ask(self, tally: Tally, user: int, due_s: float | None = None, *, later: bool = False) -> None:
        """Sends one request and judges its answer.

        Args:
            tally: Where to count.
            user: Whose recommendations.
            due_s: When it was to be sent, on the loop's clock; now, where None.
            later: Whether the answer is kept for `Tally.judge_all`, which takes time that is not there now.
        """
        loop = asyncio.get_running_loop()
        due = loop.time() if due_s is None else due_s
        self._number += 1
        request_id = f"r{self._number}"
        tally.sent += 1
        tally.lag.append(loop.time() - due)
        try:
            status, body = await self._exchange(user, request_id)
        except TimeoutError:
            tally.hangs += 1
            tally.note(f"request {request_id} of user {user} got no answer")
        except ConnectionRefusedError:
            tally.refused += 1
            tally.note(f"request {request_id}: nobody listens")
        except OSError as error:
            tally.broken += 1
            tally.reset += isinstance(error, NewConnectionReset)
            tally.note(f"request {request_id}: {error!r}")
        else:
            tally.answers.append(Answer(user, request_id, loop.time() - due, status, body))
            if not later:
                tally.judge_all()

    async def close(self) -> None:
        """Closes the connections."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and time.monotonic() - connection.used_s < _IDLE_S:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._hang_s):
                _, connection = await loop.create_connection(_Connection, self._host, self._port)
        except (TimeoutError, ConnectionRefusedError):
            raise
        except OSError as error:
            raise NewConnectionReset(str(error)) from error
        return connection

    async def _exchange(self, user: int, request_id: str) -> tuple[int, bytes]:
        connection = await self._connection()
        answer = await connection.exchange(
            b"GET /v1/recommendations/%d?%b HTTP/1.1\r\nHost: shim\r\nX-Request-Id: %b\r\n\r\n"
            % (user, _QUERY, request_id.encode()),
            self._hang_s,
        )
        if connection.usable:
            self._idle.append(connection)
        else:
            connection.close()
        return answer


class Sent(NamedTuple):
    """How long sending took until the last answer, and how long of it this process was busy, in seconds."""

    seconds: float
    busy_s: float


async def send(client: Client, tally: Tally, requests: int, per_s: float, seed: int = 0) -> Sent:
    """Sends requests at random moments with a given mean rate, waits for the last answer, and then judges them."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    began, busy = loop.time(), time.process_time()
    due = began
    tasks: set[asyncio.Task[None]] = set()
    for _ in range(requests):
        due += chance.expovariate(per_s)
        wait = due - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(client.ask(tally, chance.choice(fixture_dataset.USERS), due, later=True))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    sent = Sent(loop.time() - began, time.process_time() - busy)
    tally.judge_all()
    return sent


async def until_online(client: Client, tally: Tally, per_s: float, row: int, limit_s: float) -> float | None:
    """Sends requests until 99 of 100 answers come from the model.

    Args:
        client: Connections.
        tally: Where to count.
        per_s: Requests a second.
        row: How many of the last answers are looked at.
        limit_s: When to give up.

    Returns:
        Seconds until the first of that row of answers; None after `limit_s`.
    """
    began = time.monotonic()
    moments: list[float] = []
    start = len(tally.online)
    chance = random.Random(1)
    tasks: set[asyncio.Task[None]] = set()
    while time.monotonic() - began < limit_s:
        await asyncio.sleep(chance.expovariate(per_s))
        task = asyncio.create_task(client.ask(tally, chance.choice(fixture_dataset.USERS)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        while len(moments) < len(tally.online) - start:
            moments.append(time.monotonic())
        last = tally.online[start:][-row:]
        if len(last) == row and last[0] and sum(last) >= 0.99 * row:
            await asyncio.gather(*tasks)
            return moments[-row] - began
    await asyncio.gather(*tasks)
    return None


async def measure_capacity(client: Client, seconds: float, side_by_side: int = 8) -> float:
    """Returns the online answers a second with some callers that never pause."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    chance = random.Random(2)

    async def caller() -> None:
        while loop.time() < end:
            await client.ask(tally, chance.choice(fixture_dataset.USERS))

    await asyncio.gather(*(caller() for _ in range(side_by_side)))
    return tally.sources["online"] / seconds
