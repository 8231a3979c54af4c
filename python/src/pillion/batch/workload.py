"""What a plan is made for."""

import math
from dataclasses import dataclass, fields

from pillion.batch.store_size import SERVERS
from pillion.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Workload:
    """Users, items, and what there is to serve them with.

    Attributes:
        users: How many.
        items: How many can be recommended.
        top: How many of them an answer has.
        candidates: Items that batch scores for each user; None for all.
        online_candidates: Items that a request scores.
        online_features: Whether a feature matters that is known at request time alone.
        versions: Of the answers that the store holds while they are refreshed.
        replicas: Of each shard.
        fill: Share of a server's memory that answers may fill.
        refresh_h: Hours from one refresh to the next.
        max_age_h: Hours that an answer may be old.
        requests_s: Requests a second, at the peak.
        memory_gib: Memory that the store may have, replicas included, GiB.
        cores: That score.
        pairs_s: Pairs of user and item that a core scores a second.
        writes_s: Users whose answers are written a second.
        reads_s: Requests that a shard answers a second.
        feature_bytes: Of a user's feature record.
        id_bytes: Of a user's id as text; None where ids are whole numbers.
        answer_bytes: Of a user's answer in the store, as measured; None where it follows from the server's kind.
        server: The kind of the store's servers.
        gib_month: Price of a GiB of the store for a month.
        core_hour: Price of a core for an hour.
        currency: Of both prices, as ISO 4217 writes it.

    Raises:
        InvalidInput: Some of them can't be; names all of those.
    """

    users: int
    items: int
    top: int = 30
    candidates: int | None = None
    online_candidates: int = 200
    online_features: bool = False
    versions: int = 2
    replicas: int = 1
    fill: float = 0.75
    refresh_h: float = 24.0
    max_age_h: float = 48.0
    requests_s: float = 1000.0
    memory_gib: float = 256.0
    cores: int = 16
    pairs_s: float = 100_000.0
    writes_s: float = 90_000.0
    reads_s: float = 50_000.0
    feature_bytes: int = 200
    id_bytes: int | None = None
    answer_bytes: float | None = None
    server: str = "valkey"
    gib_month: float = 5.0
    core_hour: float = 0.04
    currency: str = "USD"

    def __post_init__(self) -> None:
        wrong = []
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                least = 0 if field.name in ("replicas", "requests_s", "gib_month", "core_hour") else None
                if not math.isfinite(value) or (value <= 0 if least is None else value < least):
                    wrong.append(
                        f"{field.name} is {value}, and has to be {'more than 0' if least is None else '0 or more'}"
                    )
        if self.fill > 1:
            wrong.append(f"fill is {self.fill}, and has to be a share of up to 1")
        if self.server not in SERVERS:
            wrong.append(f"server is {self.server!r}, and has to be one of {', '.join(SERVERS)}")
        if self.candidates is not None and self.candidates > self.items:
            wrong.append(f"candidates is {self.candidates:,}, and there are {self.items:,} items")
        if wrong:
            raise InvalidInput("; ".join(wrong), wrong[0].split(" ")[0])

    @property
    def kept(self) -> int:
        """Items that an answer can have."""
        return min(self.top, self.items)

    @property
    def scored(self) -> int:
        """Items that batch scores for each user."""
        return self.items if self.candidates is None else self.candidates
