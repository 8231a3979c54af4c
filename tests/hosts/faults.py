"""The fault matrix of hosts: which faults each host is put to, and what the shim answers to them.

`faults.yaml` has the reasons that the shim gives, by kind of fault and dependency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.hosts.host import HOSTS, Host
from tools.chaos.stack import PATIENT, SIDECAR, STORE, Stack

_FILE = Path(__file__).parent / "faults.yaml"
_ROOM = {"PILLION_STORE_MAX_CONNECTIONS": "64", "PILLION_SIDECAR_MAX_CONNECTIONS": "64"}
"""Calls under way: more than there are requests, so that none is turned away while others wait for a fault's end."""


@dataclass(frozen=True)
class Play:
    """A host and the dependency of it that faults happen to.

    Attributes:
        host: The host.
        target: The dependency.
        protocol: That the host asks a sidecar by.
        engine: That the models are served by.
        known: Reasons that it gives and the shim does not, by kind of fault.
        may: Reasons that it gives at times and the shim does not, by kind of fault.
    """

    host: Host
    target: str
    protocol: str = "grpc"
    engine: str = "jpmml"
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    may: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.host.name} {self.protocol} {self.target}".replace(" ", "-")

    def allowed(self, kind: str) -> set[str]:
        """Returns the reasons that the host may give: the shim's, and those that differ by luck."""
        return {*read_expected()[kind][self.target], *self.may.get(kind, ()), *self.always}

    @property
    def always(self) -> set[str]:
        """What comes with any fault: the breaker's reason, the model's answers, a busy machine's timeouts."""
        return {"none", "deadline_exceeded", *(f"{self.target}_{why}" for why in ("breaker_open", "timeout"))}

    def stack(self, folder: Path, command: Sequence[str]) -> Stack:
        """Returns what runs, not started yet."""
        environment = {**PATIENT, **_ROOM, "PILLION_HOST_TRANSPORT": self.protocol}
        return Stack(
            folder, environment, host=command, problem=self.host.problem, protocol=self.protocol, engine=self.engine
        )


_BROKEN_OFF = {kind: ("sidecar",) for kind in ("half-close", "SIGKILL")}
"""A call whose sidecar dies while it answers."""
_BROKEN = {kind: ("sidecar_unreachable",) for kind in ("reset", "truncation", "garbage")}
"""A broken reply breaks HTTP/2's connection, where HTTP/1.1 still has a reply, of a sidecar that was reached."""
_LATE = {
    **_BROKEN_OFF,
    **{kind: ("sidecar",) for kind in ("black hole", "slow drip", "SIGSTOP", "no descriptors")},
    "error replies": ("sidecar_unreachable",),
    "corrupt or stale": ("sidecar_unreachable",),
}
"""A stream that is reset as its time ends; frames that are no longer those of the call."""
_UNREADABLE = {"garbage": ("store_unreachable",)}
"""Lettuce and rueidis end a connection whose replies they cannot read."""
_SHIM, _GO, _CLIENT, _EMBEDDED = HOSTS
PLAYS = (
    Play(_GO, SIDECAR, known=_BROKEN, may=_LATE),
    Play(_GO, SIDECAR, protocol="http", may=_BROKEN_OFF),
    Play(_GO, STORE, known=_UNREADABLE, may={"no descriptors": ("store_unreachable",)}),
    Play(_CLIENT, SIDECAR, known=_BROKEN, may=_LATE),
    Play(
        _EMBEDDED,
        STORE,
        engine="compiled",
        known=_UNREADABLE,
        may={"no descriptors": ("store_unreachable",)},
    ),
)
"""Java's hosts share what reads the store, so each is put to the faults of the dependency that is its own."""
SHIM = (Play(_SHIM, SIDECAR, protocol="http"), Play(_SHIM, STORE, protocol="http"))


def read_expected() -> dict[str, dict[str, list[str]]]:
    """Returns the shim's reasons by kind of fault and dependency."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def write_expected(found: dict[str, dict[str, list[str]]]) -> None:
    """Writes what `read_expected` reads."""
    _FILE.write_text(yaml.safe_dump(found, sort_keys=False, width=140), encoding="utf-8")
