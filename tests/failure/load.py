"""Open-loop load: requests leave on schedule, whether or not the ones before were answered."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from failure import world

_HANG_S = 2.0
_IDLE_S = 2.0
"""Below the shim's own five seconds, so that no connection is used while it is being closed."""


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
        refused: Requests whose connection was refused.
        malformed: Answers that are not of the promised form.
        wrong_user: Answers that rest on another user's features.
        seconds: Time of each answer since it was due.
        online: By order of completion, whether an answer came from the model.
        shed: Times of the answers to requests that were not admitted, in seconds since each was due.
        shed_own_ms: What the shim itself says that these answers took, in milliseconds.
        lag: By request, seconds from the moment that it was due to the one that this process began to send it.
        first: The first odd thing, in words.
    """

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    hangs: int = 0
    broken: int = 0
    refused: int = 0
    malformed: int = 0
    wrong_user: int = 0
    seconds: list[float] = field(default_factory=list)
    online: list[bool] = field(default_factory=list)
    shed: list[float] = field(default_factory=list)
    shed_own_ms: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    first: str = ""

    @property
    def answered(self) -> int:
        """Requests with an answer of any status."""
        return sum(self.statuses.values())

    @property
    def errors(self) -> int:
        """Answers with a status of 500 or more."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def quantile_ms(self, share: float) -> float:
        """Returns a quantile of the answers' times, in milliseconds."""
        return quantile(self.seconds, share) * 1000

    def note(self, text: str) -> None:
        """Keeps the first odd thing."""
        self.first = self.first or text[:500]


def quantile(values: Sequence[float], share: float) -> float:
    """Returns the value below which that share lies; NaN where there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Client:
    """Connections to a shim that are kept; HTTP/1.1 by hand, since a client library would be the bottleneck."""

    def __init__(self, host: str, port: int, hang_s: float = _HANG_S) -> None:
        self._host, self._port, self._hang_s = host, port, hang_s
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._number = 0

    async def ask(self, tally: Tally, user: int, due_s: float | None = None) -> None:
        """Sends one request and judges its answer.

        Args:
            tally: Where to count.
            user: Whose recommendations.
            due_s: When it was to be sent, on the loop's clock; now, where None.
        """
        loop = asyncio.get_running_loop()
        due = loop.time() if due_s is None else due_s
        self._number += 1
        request_id = f"r{self._number}"
        tally.sent += 1
        tally.lag.append(loop.time() - due)
        try:
            async with asyncio.timeout(self._hang_s):
                status, body = await self._exchange(user, request_id)
        except TimeoutError:
            tally.hangs += 1
            tally.note(f"request {request_id} of user {user} got no answer")
            return
        except ConnectionRefusedError:
            tally.refused += 1
            tally.note(f"request {request_id}: nobody listens")
            return
        except (OSError, asyncio.IncompleteReadError) as error:
            tally.broken += 1
            tally.note(f"request {request_id}: {error!r}")
            return
        tally.seconds.append(loop.time() - due)
        tally.statuses[status] += 1
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if status != 200:
            tally.note(f"status {status}: {body[:200]!r}")
            return
        verdict = world.judge(answer, user, request_id)
        tally.malformed += verdict.malformed
        tally.wrong_user += verdict.wrong_user
        if verdict.malformed or verdict.wrong_user:
            tally.note(f"{verdict}: {body[:300]!r}")
            if answer is None:
                return
        tally.sources[answer["source"]] += 1
        tally.reasons[answer["reason"] or "none"] += 1
        tally.online.append(answer["source"] == "online" and answer["reason"] is None)
        if answer["reason"] == "overloaded":
            tally.shed.append(tally.seconds[-1])
            tally.shed_own_ms.append(answer["timings_ms"]["total"])

    async def close(self) -> None:
        """Closes the connections."""
        for _, _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            used_s, reader, writer = self._idle.pop()
            if time.monotonic() - used_s < _IDLE_S and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port, limit=1 << 18)

    async def _exchange(self, user: int, request_id: str) -> tuple[int, bytes]:
        reader, writer = await self._connection()
        query = f"k={world.K}&device={world.DEVICE}&country={world.COUNTRY}&hour={world.HOUR}"
        done = False
        try:
            writer.write(
                f"GET /v1/recommendations/{user}?{query} HTTP/1.1\r\nHost: shim\r\n"
                f"X-Request-Id: {request_id}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            body = await reader.readexactly(length)
            done = b"connection: close" not in head.lower()
            return status, body
        finally:
            if done:
                self._idle.append((time.monotonic(), reader, writer))
            else:
                writer.transport.abort()


async def send(client: Client, tally: Tally, requests: int, per_s: float, seed: int = 0) -> None:
    """Sends requests at random moments with a given mean rate, and waits for the last answer."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    due = loop.time()
    tasks: set[asyncio.Task[None]] = set()
    for _ in range(requests):
        due += chance.expovariate(per_s)
        wait = due - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(client.ask(tally, chance.choice(world.USERS), due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


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
        task = asyncio.create_task(client.ask(tally, chance.choice(world.USERS)))
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
            await client.ask(tally, chance.choice(world.USERS))

    await asyncio.gather(*(caller() for _ in range(side_by_side)))
    return tally.sources["online"] / seconds
