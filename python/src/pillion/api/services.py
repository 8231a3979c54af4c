"""What a parity run starts beside itself: a sidecar, and where the models recommend, a store, a shim and hosts."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.features import Contents, publish_contents
from pillion.parity.case import Case
from pillion.parity.routes import RouteKind, ScorerRoute
from pillion.scoring import ClassRanking, HttpScorer, ModelRepository
from pillion.scoring.grpc import ContentsKind, GrpcScorer
from pillion.scoring.http import Encoding
from pillion.scoring.jvm import open_model
from pillion.scoring.sidecar_process import SidecarProcess

Progress = Callable[[str], None]
Commands = Mapping[str, Sequence[str]]
"""Program and arguments of hosts, by the names of their routes."""
_HOST_START_S = 60.0
_ENCODINGS: tuple[Encoding, ...] = ("json", "binary")
_HOUR_MS = str(3600 * 1000)
_PATIENT = {
    "PILLION_RECOMMEND_DEADLINE_MS": _HOUR_MS,
    "PILLION_RECOMMEND_ADMISSION_TARGET_MS": _HOUR_MS,
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": _HOUR_MS,
    "PILLION_RECOMMEND_FALLBACK_CHECK_SHARE": "0",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": _HOUR_MS,
    "PILLION_SIDECAR_SLOW_MS": _HOUR_MS,
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": _HOUR_MS,
    "PILLION_STORE_SLOW_MS": _HOUR_MS,
}
"""Settings with which a shim on a busy machine still answers from the model: parity judges bits, not times."""


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of what runs.

    Attributes:
        models: the model repository that is served.
        http: of the sidecar; `https://` where the environment gives it certificates.
        grpc: of the sidecar, with the same scheme.
        socket: of the sidecar, `unix:/PATH`.
        shim: of the shim; None where there is none.
        hosts: of hosts by the names of their routes, or why one did not start.
    """

    models: Path
    http: str
    grpc: str
    socket: str
    shim: str | None = None
    hosts: Mapping[str, str | ConfigurationError] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        """`https` where the sidecar's addresses of TCP are of TLS, else `http`."""
        return self.http.partition(":")[0]

    def kinds(self, jar: Path, most: int | None = None) -> list[RouteKind]:
        """Returns the routes to them; each is asked about at most `most` real rows."""
        kinds = [
            _sidecar(self, f"sidecar {way}, {encoding}", way, address, encoding, jar, most)
            for way, address in ((self.scheme, self.http), ("unix socket", self.socket))
            for encoding in _ENCODINGS
        ]
        calls: tuple[tuple[str, str, ContentsKind], ...] = (
            ("grpc over tls" if self.scheme == "https" else "grpc", self.grpc, "raw"),
            ("unix socket, grpc", self.socket, "typed"),
        )
        kinds += [_sidecar_grpc(self, f"sidecar {way}", address, how, jar, most) for way, address, how in calls]
        if self.shim is not None:
            kinds.append(_whole(self, "shim", self.shim, "the shim", jar, most))
        kinds += [_whole(self, name, address, "a host", jar, most) for name, address in self.hosts.items()]
        return kinds


@contextmanager
def serving(
    models: Path, jar: Path, contents: Contents | None, model: str, progress: Progress, hosts: Commands | None = None
) -> Iterator[Services]:
    """Starts the services and stops them at the end.

    Args:
        models: the model repository.
        jar: the sidecar's.
        contents: what the store is filled with; None for no store, and so neither shim nor hosts.
        model: the shim's default.
        progress: Is told what is being done.
        hosts: programs with the shim's routes that run beside it.
    """
    with ExitStack() as stack:
        # a Unix socket's path may be 107 bytes long at most
        socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-"))) / "sidecar.sock"
        store = None if contents is None else _start_store(stack, contents, progress)
        settings = SidecarSettings(models=models, jar=jar, start_timeout_s=180.0)
        sidecar = SidecarProcess(settings, uds=socket, store=store)
        stack.callback(sidecar.stop)
        http = sidecar.start(progress)
        grpc = f"{http.partition(':')[0]}://{sidecar.address_of('sidecar-grpc')}"
        services = Services(models, http, grpc, f"unix:{socket}")
        if store is not None:
            services = replace(services, shim=_start_shim(stack, services, store.url, model, progress))
            started = {
                name: _start_host(stack, name, command, services, store.url, model, progress)
                for name, command in (hosts or {}).items()
            }
            services = replace(services, hosts=started)
        yield services


def _start_store(stack: ExitStack, contents: Contents, progress: Progress) -> StoreSettings:
    from pillion.features.store_process import StoreProcess

    store = StoreProcess()
    stack.callback(store.stop)
    settings = StoreSettings(url=store.start(progress))
    progress("loading features into the store")
    asyncio.run(publish_contents(settings, contents, lambda what, done, total: None))
    return settings


def _start_shim(stack: ExitStack, services: Services, store: str, model: str, progress: Progress) -> str:
    from pillion.shim.process import ShimProcess

    environment = {**_PATIENT, "PILLION_RECOMMEND_MODEL": model}
    shim = ShimProcess(services.socket, store, services.models, environment=environment)
    stack.callback(shim.stop)
    return shim.start(progress)


def _start_host(
    stack: ExitStack,
    name: str,
    command: Sequence[str],
    services: Services,
    store: str,
    model: str,
    progress: Progress,
) -> str | ConfigurationError:
    """The host's address, or why it did not start: the other routes run all the same."""
    from pillion.shim.process import HostProcess

    environment = {**_PATIENT, "PILLION_RECOMMEND_MODEL": model}
    host = HostProcess(command, services.socket, store, services.models, environment=environment)
    stack.callback(host.stop)
    try:
        return host.start(lambda text: progress(f"{name}: {text}"))
    except ConfigurationError as error:
        return error


def _sidecar(
    services: Services, name: str, way: str, address: str, encoding: Encoding, jar: Path, most: int | None
) -> RouteKind:
    def open_route(case: Case) -> ScorerRoute:
        scorer = HttpScorer(SidecarSettings(address=address), encoding)
        return ScorerRoute(scorer, case.model, case.types, case.outputs, _arithmetic(services, case, jar))

    over = "over a Unix socket" if way == "unix socket" else f"over {way.upper()} on TCP"
    numbers = "numbers as text" if encoding == "json" else "numbers as bytes"
    return RouteKind(name, open_route, most=most, about=f"the sidecar process, asked {over}, {numbers}")


def _sidecar_grpc(
    services: Services, name: str, address: str, contents: ContentsKind, jar: Path, most: int | None
) -> RouteKind:
    def open_route(case: Case) -> ScorerRoute:
        scorer = GrpcScorer(SidecarSettings(address=address), contents)
        return ScorerRoute(scorer, case.model, case.types, case.outputs, _arithmetic(services, case, jar))

    over = "over a Unix socket" if "unix" in name else "on TCP"
    numbers = "numbers as bytes" if contents == "raw" else "numbers as messages"
    return RouteKind(name, open_route, most=most, about=f"the sidecar process, asked by gRPC {over}, {numbers}")


def _whole(
    services: Services, name: str, address: str | ConfigurationError, what: str, jar: Path, most: int | None
) -> RouteKind:
    """The route of whole recommendations by the shim, or by a host."""
    from pillion.parity.shim_route import ShimRoute

    def open_route(case: Case) -> ShimRoute:
        if isinstance(address, ConfigurationError):
            raise address
        ranking = ModelRepository(services.models).read(case.model).ranking
        classes = (
            {name: int(item) for name, item in ranking.classes.items()} if isinstance(ranking, ClassRanking) else None
        )
        return ShimRoute(address, case, classes, _arithmetic(services, case, jar), start_s=_HOST_START_S)

    about = f"store, sidecar and {what} as processes, asked for whole recommendations"
    return RouteKind(name, open_route, real_only=True, most=most, about=about)


def _arithmetic(services: Services, case: Case, jar: Path) -> str:
    """Whose bits the engine promises that the manifest has the sidecar choose."""
    opened = open_model(case.document, ModelRepository(services.models).read(case.model).engine, jar)
    try:
        return opened.arithmetic
    finally:
        opened.close()
