"""The question of the place: in the host's process, on its machine, or behind a network."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import orjson

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.lab.builds import build_cgo
from pillion.lab.delay_proxy import Network
from pillion.lab.languages import Way, Workspace, engine_way, jpype_way
from pillion.lab.program import Absent, Checked, Program, ProgramFailed
from pillion.process import ListeningProcess
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.scorer import Scorer
from pillion.scoring.sidecar_process import SidecarProcess

IN_PROCESS = "in process, Java"
IN_GO = "in process, Go by cgo"
NETWORKS = {
    "0.25 ms away": Network(0.00025),
    "0.5 ms away": Network(0.0005),
    "1 ms away": Network(0.001),
    "5 ms away": Network(0.005),
    "1 ms away, ± 0.5 ms, 1 % lost": Network(0.001, 0.001, 0.01),
}
"""Simulated networks, by their round trips."""
_ENCODINGS = ("JSON", "binary", "gRPC")
OTHER_ENCODINGS = (", JSON", ", gRPC")
"""What the names of ways end with whose numbers do not go as they are, by HTTP."""
_TIMEOUT_S = 60.0
_START_S = 180.0
Doubles = npt.NDArray[np.float64]
Make = Callable[[int], Callable[[], Awaitable[Any]]]
Read = Callable[[Any], Doubles]


class Calls:
    """Calls of a service, one after the other, as a program that is timed.

    Args:
        runner: Whose event loop all services share.
        make: Returns what scores so many rows, encoding and decoding included.
        read: Makes numbers of its answer, shape (rows, outputs).
        scorer: The client, which is closed at the end.
    """

    def __init__(self, runner: asyncio.Runner, make: Make, read: Read, scorer: Scorer) -> None:
        self._runner, self._make, self._read, self._scorer = runner, make, read, scorer
        self._call: Callable[[], Awaitable[Any]] | None = None
        self._rows = 0

    def check(self, rows: int) -> Checked:
        """Scores so many rows once."""
        return Checked(self._read(self._runner.run(_once(self._of(rows)))))

    def time(self, rows: int, calls: int) -> float:
        """Scores so many rows again and again, and returns the seconds of all calls."""
        return self._runner.run(_repeat(self._of(rows), calls))

    def _of(self, rows: int) -> Callable[[], Awaitable[Any]]:
        if self._call is None or rows != self._rows:
            self._call, self._rows = self._make(rows), rows
        return self._call

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._scorer.close())


@dataclass(frozen=True, slots=True)
class Services:
    """What runs beside the lab.

    Attributes:
        runner: Has the event loop of all clients.
        addresses: Of the sidecar, by place: of HTTP and of gRPC.
        host: Of FastAPI with the model in it; empty where it can't have it.
        why: Why it can't.
    """

    runner: asyncio.Runner
    addresses: dict[str, tuple[str, str]]
    host: str
    why: str


@contextmanager
def services(workspace: Workspace, home: Path, networks: Mapping[str, Network]) -> Iterator[Services]:
    """Starts the sidecar with one version, the networks before it, and FastAPI with the model; stops them at the end.

    Args:
        workspace: Of the model.
        home: The version's folder.
        networks: By their names.
    """
    with ExitStack() as stack:
        # A Unix socket's path may be 107 bytes long at most.
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-lab-")))
        shutil.copytree(home, scratch / "models" / home.parent.name / home.name)
        settings = SidecarSettings(models=scratch / "models", jar=workspace.jar, start_timeout_s=_START_S)
        sidecar = stack.enter_context(SidecarProcess(settings, uds=scratch / "s"))
        http, grpc = sidecar.address_of("sidecar-http"), sidecar.address_of("sidecar-grpc")
        addresses = {
            "Unix socket": (f"unix:{scratch / 's'}", f"unix:{scratch / 's'}"),
            "TCP": (http, f"http://{grpc}"),
        }
        command = [sys.executable, "-m", "pillion.lab.delay_proxy"]
        ends = {"http": http.rpartition("/")[2], "grpc": grpc}
        for number, network in enumerate(networks.values()):
            for protocol, end in ends.items():
                host, _, port = end.rpartition(":")
                figures = (network.round_trip_s * 1000, network.jitter_s * 1000, network.loss)
                command += [f"{number}-{protocol}", host, port, *map(str, figures)]
        proxy = stack.enter_context(ListeningProcess("network", command, "ready", _START_S))
        for number, place in enumerate(networks):
            http, grpc = (f"http://{proxy.address_of(f'{number}-{protocol}')}" for protocol in ends)
            addresses[place] = (http, grpc)
        runner = stack.enter_context(asyncio.Runner())
        fastapi, why = "", workspace.model.unsupported
        if not why:
            plan, kind = str(workspace.folder / "plan.bin"), workspace.kind
            command = [sys.executable, "-m", "pillion.lab.programs.fastapi.host", plan, kind]
            process = ListeningProcess("host", command, "host", _START_S)
            fastapi = stack.enter_context(process).address_of("host")
        yield Services(runner, addresses, fastapi, why)


def place_ways(running: Services, model: str) -> tuple[Way, ...]:
    """Returns all ways of the question, the nearest place first."""
    ways = [
        engine_way(IN_PROCESS, "compiled"),
        jpype_way("in process, Python"),
        GO_HOST,
    ]
    for place, (http, grpc) in running.addresses.items():
        for encoding in _ENCODINGS:
            start = partial(_start_scorer, running, model, encoding, grpc if encoding == "gRPC" else http)
            where = "a sidecar on this machine" if place in ("Unix socket", "TCP") else "a sidecar behind a proxy"
            ways.append(Way(f"{place}, {encoding}", f"{where}, asked by Python; encoding and decoding count", start))
    ways.append(Way("TCP, FastAPI", "FastAPI with the model in it, by NumPy; JSON", partial(_start_fastapi, running)))
    return tuple(ways)


def _start_cgo(workspace: Workspace) -> Program:
    return workspace.run(build_cgo(workspace.kind, workspace.programs))


GO_HOST = Way(IN_GO, "a host in Go that calls the program in C; texts are given as codes", _start_cgo)


def _start_scorer(running: Services, model: str, encoding: str, address: str, workspace: Workspace) -> Program:
    settings = SidecarSettings(address=address)
    scorer: Scorer
    if encoding == "gRPC":
        try:
            from pillion.scoring.grpc import GrpcScorer
        except ConfigurationError as why:
            raise Absent(str(why)) from why
        scorer = GrpcScorer(settings, "raw")
    else:
        scorer = HttpScorer(settings, "json" if encoding == "JSON" else "binary")
    outputs = workspace.model.outputs

    def make(rows: int) -> Callable[[], Awaitable[Any]]:
        request = ScoreRequest(model, dict(workspace.model.types), workspace.model.batch(rows), rows, outputs)  # type: ignore[arg-type]
        return lambda: scorer.score(request, _TIMEOUT_S)

    def read(scores: Any) -> Doubles:
        return np.column_stack([np.array(scores.columns[name], dtype=np.float64) for name in outputs])

    return Calls(running.runner, make, read, scorer)


def _start_fastapi(running: Services, workspace: Workspace) -> Program:
    if not running.host:
        raise Absent(running.why)
    scorer = HttpScorer(SidecarSettings(address=running.host))
    matrix = workspace.model.matrix()
    headers = {"content-type": "application/json"}

    def make(rows: int) -> Callable[[], Awaitable[Any]]:
        some = matrix[np.arange(rows) % len(matrix)]
        table = [[None if value != value else value for value in row] for row in some.tolist()]

        async def call() -> Any:
            answer = await scorer.call("POST", "/score", headers, orjson.dumps({"rows": table}))
            if answer.status != 200:
                raise ProgramFailed(f"FastAPI answered {answer.status}: {answer.body[:200].decode(errors='replace')}")
            return orjson.loads(answer.body)["outputs"]

        return call

    return Calls(running.runner, make, lambda found: np.array(found, dtype=np.float64), scorer)


async def _once(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await call()
    except TimeoutError as error:
        raise ProgramFailed("there was no answer in time") from error


async def _repeat(call: Callable[[], Awaitable[Any]], calls: int) -> float:
    clock = asyncio.get_running_loop().time
    begin = clock()
    for _ in range(calls):
        await _once(call)
    return clock() - begin
