"""The sixteen kinds of fault: how each is begun and ended for a dependency."""

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass

from tools.chaos.stack import SIDECAR, STORE, Stack

TARGETS: dict[str, tuple[str, ...]] = {
    STORE: (STORE,),
    SIDECAR: (SIDECAR,),
    "both": (STORE, SIDECAR),
}
Change = Callable[[Stack, str], None]


def _nothing(stack: Stack, dependency: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: For tables.
        what: What happens, for people.
        begin: Starts it at a dependency.
        end: Ends it there.
        halfway: What happens in the middle of it, if anything.
        shim: Settings that the shim needs for it, by dependency; the shim is then started anew.
        disturbs: Whether answers cannot come from the model meanwhile.
        renews: Whether the shim is started anew, with its usual settings, at the end.
        clocks: Whether the processes' wall clocks must be ones that can be stepped.
    """

    name: str
    what: str
    begin: Change
    end: Change
    halfway: Change = _nothing
    shim: Callable[[Stack, str], dict[str, str]] | None = None
    disturbs: bool = True
    renews: bool = False
    clocks: bool = False


def _byte(kind: str, delay_s: float = 0.0) -> tuple[Change, Change]:
    def begin(stack: Stack, dependency: str) -> None:
        stack.proxy.set(dependency, kind, delay_s)

    def end(stack: Stack, dependency: str) -> None:
        stack.proxy.set(dependency)

    return begin, end


def _signal(number: signal.Signals) -> Change:
    def send(stack: Stack, dependency: str) -> None:
        os.kill(stack.pid(dependency), number)

    return send


_files: dict[str, tuple[int, int]] = {}


def _take_files(stack: Stack, dependency: str) -> None:
    _files[dependency] = stack.limit_files(dependency)
    stack.proxy.drop(dependency)


def _give_files(stack: Stack, dependency: str) -> None:
    resource.prlimit(stack.pid(dependency), resource.RLIMIT_NOFILE, _files.pop(dependency))


def _spoil(stack: Stack, dependency: str) -> None:
    if dependency == STORE:
        stack.corrupt()
    else:
        stack.proxy.set(dependency, "stale")


def _unspoil(stack: Stack, dependency: str) -> None:
    if dependency == STORE:
        stack.fill()
    else:
        stack.proxy.set(dependency)


def _over_unix(stack: Stack, dependency: str) -> dict[str, str]:
    return {"PILLION_STORE_URL": stack.store_ways[1].replace("unix:", "unix://")} if dependency == STORE else {}


def _one_connection(stack: Stack, dependency: str) -> dict[str, str]:
    return {f"PILLION_{dependency.upper()}_MAX_CONNECTIONS": "1"}


def _step(seconds: int) -> Change:
    def step(stack: Stack, dependency: str) -> None:
        stack.step_clock(dependency, seconds)
        stack.step_clock("shim", seconds)

    return step


KINDS = (
    Kind("refuse", "nobody listens", *_byte("refuse")),
    Kind("reset", "replies are reset after ten bytes", *_byte("reset")),
    Kind("black hole", "requests arrive, no reply ever comes", *_byte("black_hole")),
    Kind("latency", "every reply takes 40 ms more", *_byte("latency", 0.040)),
    Kind("slow drip", "replies come one byte each 2 ms", *_byte("drip", 0.002)),
    Kind("truncation", "replies end in the middle", *_byte("truncate")),
    Kind("half-close", "the server's half of the connection is closed instead of a reply", *_byte("half_close")),
    Kind("garbage", "replies are random bytes", *_byte("garbage")),
    Kind("error replies", "LOADING, READONLY and OOM in turn; 503 and 500 in turn", *_byte("error")),
    Kind("SIGSTOP", "the process is stopped", _signal(signal.SIGSTOP), _signal(signal.SIGCONT)),
    Kind("SIGKILL", "the process is killed, and started again at the end", Stack.kill, Stack.revive),
    Kind("socket unlinked", "the Unix socket's file is gone", *_byte("unlink"), shim=_over_unix),
    Kind("no descriptors", "the process can open no file and accept no connection", _take_files, _give_files),
    Kind("pool exhausted", "one connection, and replies that take 12 ms more", *_byte("latency", 0.012),
         shim=_one_connection, disturbs=False, renews=True),
    Kind("corrupt or stale", "users' features are overwritten with garbage; each reply is the one before it",
         _spoil, _unspoil),
    Kind("clock stepped", "the wall clock of the process and of the shim goes an hour ahead, then an hour back",
         _step(3600), _step(0), halfway=_step(-3600), disturbs=False, clocks=True),
)  # fmt: skip
"""All sixteen."""
