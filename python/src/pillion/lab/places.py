"""The question of the place: in the host's process, on its machine, or behind a network."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import orjson

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.lab.builds import build_cgo, python_command
from pillion.lab.delay_proxy import Network
from pillion.lab.languages import OWN_LIBRARY, Way, engine_way, jpype_way
from pillion.lab.libraries import library_of
from pillion.lab.program import Absent, Checked, Program, ProgramFailed
from pillion.lab.workspace import Workspace
from pillion.process import ListeningProcess
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.scorer import Scorer
from pillion.scoring.sidecar_process import SidecarProcess

IN_PROCESS = "in process, Java"
IN_GO = "in process, Go by cgo"
BY_NUMPY, BY_LIBRARY = "TCP, FastAPI", "TCP, FastAPI with the model's library"
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
Result = TypeVar("Result")


class Clients:
    """The event loop of all clients, which one of them at a time has, whichever thread asks."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._asking = Lock()

    def run(self, what: Coroutine[Any, Any, Result]) -> Result:
        """Returns what it comes to."""
        with self._asking:
            return self._runner.run(what)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()


class Calls:
    """Calls of a service, one after the other, as a program that is timed.

    Args:
        clients: Whose event loop all services share.
        make: Returns what scores so many rows, encoding and decoding included.
        read: Makes numbers of its answer, shape (rows, outputs).
        scorer: The client, which is closed at the end.
    """

    def __init__(self, clients: Clients, make: Make, read: Read, scorer: Scorer) -> None:
        self._clients, self._make, self._read, self._scorer = clients, make, read, scorer
        self._call: Callable[[], Awaitable[Any]] | None = None
        self._rows = 0

    def check(self, rows: int) -> Checked:
        """Scores so many rows once."""
        return Checked(self._read(self._clients.run(_once(self._of(rows)))))

    def time(self, rows: int, calls: int) -> float:
        """Scores so many rows again and again, and returns the seconds of all calls."""
        return self._clients.run(_repeat(self._of(rows), calls))

    def _of(self, rows: int) -> Callable[[], Awaitable[Any]]:
        if self._call is None or rows != self._rows:
            self._call, self._rows = self._make(rows), rows
        return self._call

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.run(self._scorer.close())


@dataclass(frozen=True, slots=True)
class Services:
    """What runs beside the lab, or is starting.

    Attributes:
        clients: Of all services.
        places: Where the sidecar is, by name.
        addresses: Of the sidecar, by place: of HTTP and of gRPC.
        hosts: The addresses of FastAPI with the model in it, by way.
    """

    clients: Clients
    places: tuple[str, ...]
    addresses: "Future[dict[str, tuple[str, str]]]"
    hosts: "Mapping[str, Future[str]]"


@contextmanager
def services(workspace: Workspace, home: Path, networks: Mapping[str, Network]) -> Iterator[Services]:
    """Starts the sidecar with one version, the networks before it, and FastAPI with the model; stops them at the end.

    They start side by side while the block runs.

    Args:
        workspace: Of the model.
        home: The version's folder.
        networks: By their names.
    """
    with ExitStack() as stack:
        # A Unix socket's path may be 107 bytes long at most.
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-lab-")))
        clients = stack.enter_context(Clients())
        running = stack.enter_context(ExitStack())
        # Left before what it started is ended.
        starting = stack.enter_context(ThreadPoolExecutor(thread_name_prefix="lab-service"))
        addresses = starting.submit(_start_sidecar, running, scratch, workspace, home, networks)
        hosts = {way: starting.submit(start_host, running, workspace, way) for way in (BY_NUMPY, BY_LIBRARY)}
        yield Services(clients, ("Unix socket", "TCP", *networks), addresses, hosts)


def _start_sidecar(
    running: ExitStack, scratch: Path, workspace: Workspace, home: Path, networks: Mapping[str, Network]
) -> dict[str, tuple[str, str]]:
    """Starts the sidecar and the networks before it, and returns its addresses by place."""
    shutil.copytree(home, scratch / "models" / home.parent.name / home.name)
    settings = SidecarSettings(models=scratch / "models", jar=workspace.jar, start_timeout_s=_START_S)
    sidecar = running.enter_context(SidecarProcess(settings, uds=scratch / "s"))
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
    proxy = running.enter_context(ListeningProcess("network", command, "ready", _START_S))
    for number, place in enumerate(networks):
        http, grpc = (f"http://{proxy.address_of(f'{number}-{protocol}')}" for protocol in ends)
        addresses[place] = (http, grpc)
    return addresses


def start_host(running: ExitStack, workspace: Workspace, way: str) -> str:
    """Starts FastAPI with the model in it, and returns its address."""
    if way == BY_NUMPY:
        program = [f"numpy.{workspace.kind}"]
    else:
        library = library_of(workspace)
        program = [f"{library.kind}.trees", str(library.keep(workspace))]
    command = [*python_command("fastapi", "host"), str(workspace.folder / "plan.bin"), *program]
    return running.enter_context(ListeningProcess("host", command, "host", _START_S)).address_of("host")


def place_ways(running: Services, model: str) -> tuple[Way, ...]:
    """Returns all ways of the question, the nearest place first."""
    ways = [
        engine_way(IN_PROCESS, "compiled"),
        jpype_way("in process, Python"),
        GO_HOST,
    ]
    for place in running.places:
        for encoding in _ENCODINGS:
            start = partial(_start_scorer, running, model, encoding, place)
            where = "a sidecar on this machine" if place in ("Unix socket", "TCP") else "a sidecar behind a proxy"
            about = f"{where}, asked by Python; encoding and decoding count"
            ways.append(Way(f"{place}, {encoding}", about, start, jit=f"the sidecar, {encoding}"))
    for name, about in ((BY_NUMPY, "by NumPy"), (BY_LIBRARY, f"by {OWN_LIBRARY}, features by NumPy")):
        start = partial(_start_fastapi, running, name)
        ways.append(Way(name, f"FastAPI with the model in it, {about}; JSON", start))
    return tuple(ways)


def _start_cgo(workspace: Workspace) -> Program:
    return workspace.run(build_cgo(workspace.kind, workspace.programs))


GO_HOST = Way(IN_GO, "a host in Go that calls the program in C; texts are given as codes", _start_cgo)


def _start_scorer(running: Services, model: str, encoding: str, place: str, workspace: Workspace) -> Program:
    http, grpc = running.addresses.result()[place]
    settings = SidecarSettings(address=grpc if encoding == "gRPC" else http)
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

    return Calls(running.clients, make, read, scorer)


def _start_fastapi(running: Services, way: str, workspace: Workspace) -> Program:
    scorer = HttpScorer(SidecarSettings(address=running.hosts[way].result()))
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

    return Calls(running.clients, make, lambda found: np.array(found, dtype=np.float64), scorer)


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
