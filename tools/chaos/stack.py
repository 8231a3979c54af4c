"""The whole stack as processes: store and sidecar behind a fault proxy, and the shim that users call."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from pillion.config import SidecarSettings, StoreSettings
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import write_models
from tools.chaos import fixture_dataset
from tools.chaos.proxy import ProxyProcess
from tools.chaos.shim import Environment, Shim
from tools.checkout import JAR

STORE, SIDECAR = "store", "sidecar"

PATIENT: Environment = {
    "PILLION_RECOMMEND_DEADLINE_MS": "3000",
    "PILLION_RECOMMEND_RESERVE_MS": "500",
    "PILLION_RECOMMEND_ADMISSION_TARGET_MS": "2000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "2000",
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "400",
    "PILLION_STORE_SLOW_MS": "390",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "800",
    "PILLION_SIDECAR_SLOW_MS": "790",
}
"""Times for a machine that is busy with other things, where a test must not depend on them."""


class Stack:
    """Store, sidecar, proxy and shim; a context manager.

    Args:
        folder: For sockets, models and the snapshot; its path must be short, as Unix sockets want.
        environment: Settings of the shim.
        clocks: Whether the wall clock of each process can be stepped; needs a C compiler.
        proxied: Whether the fault proxy stands between the shim and its dependencies.
        host: Command of a host in another language, in the shim's place.
        problem: See `Shim`.
        protocol: That the sidecar is asked by, `http` or `grpc`.
        engine: That the models are served by.
    """

    def __init__(
        self,
        folder: Path,
        environment: Environment | None = None,
        *,
        clocks: bool = False,
        proxied: bool = True,
        host: Sequence[str] | None = None,
        problem: str = "",
        protocol: str = "http",
        engine: str = "jpmml",
    ) -> None:
        self.proxied = proxied
        self.host, self.problem = host, problem
        self.protocol, self.engine = protocol, engine
        self.folder = folder
        self.environment = environment or {}
        self.preload = build_preload(folder) if clocks else None
        self._exit = ExitStack()
        self._url = ""

    def __enter__(self) -> Self:
        with ExitStack() as building:
            self._exit = building
            self.models = write_models(self.folder / "models", self.engine)
            self.start_store()
            building.callback(lambda: self.store.stop())
            self.start_sidecar()
            building.callback(lambda: self.sidecar.stop())
            self.store_ways = [f"tcp:127.0.0.1:{self.store_port}"]
            self.sidecar_ways = [f"unix:{self.folder / 'jvm.sock'}"]
            if self.proxied:
                self._stand_between(building.enter_context(ProxyProcess()))
            self.start_shim()
            building.callback(lambda: self.shim.kill())
            self._exit = building.pop_all()
        return self

    def _stand_between(self, proxy: ProxyProcess) -> None:
        self.proxy = proxy
        listen = ["tcp:127.0.0.1:0", f"unix:{self.folder / 'store.sock'}"]
        self.store_ways = proxy.link(STORE, "resp", listen, self.store_ways[0])
        listen = [f"unix:{self.folder / 'sidecar.sock'}"]
        self.sidecar_ways = proxy.link(SIDECAR, self.protocol, listen, self.sidecar_ways[0])

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    store_port = 0

    def start_store(self) -> None:
        """Starts the store, on the port that it had before, and fills it."""
        self.store = StoreProcess(self.store_port)
        with self._clock(STORE):
            self._url = self.store.start()
        self.store_port = int(self._url.rpartition(":")[2].partition("/")[0])
        self.fill()

    def fill(self) -> int:
        """Publishes the dataset as a new feature version."""

        async def load() -> int:
            store = RedisStore(StoreSettings(url=self._url))
            try:
                return await fixture_dataset.load(store)
            finally:
                await store.close()

        with ThreadPoolExecutor(1) as pool:  # the caller may have a loop of its own
            return pool.submit(lambda: asyncio.run(load())).result()

    def corrupt(self) -> None:
        """Overwrites the features of every user with bytes that are none."""
        import redis

        with redis.Redis.from_url(self._url) as client:
            version = int(client.get("active") or 0)
            for key in client.scan_iter(f"u{version}:*"):
                client.hset(key, mapping={field: b"\xff\x00no" for field in client.hkeys(key)})

    def start_sidecar(self) -> None:
        """Starts the sidecar on the socket that it had before."""
        settings = SidecarSettings(
            jar=JAR,
            models=self.models,
            jvm_options=("-Xmx256m", "-XX:TieredStopAtLevel=4"),
        )
        store = StoreSettings(url=self._url)
        self.sidecar = SidecarProcess(settings, uds=self.folder / "jvm.sock", store=store)
        with self._clock(SIDECAR):
            self.sidecar.start()

    def start_shim(self, **changes: str) -> None:
        """Starts the shim, with settings of its own beside the stack's."""
        port = self.store_ways[0].rpartition(":")[2]
        environment = {
            "PILLION_STORE_URL": f"redis://127.0.0.1:{port}/0",
            "PILLION_SIDECAR_ADDRESS": self.sidecar_ways[0],
            "PILLION_SIDECAR_MODELS": str(self.models),
            "PILLION_RECOMMEND_SNAPSHOT_PATH": str(self.folder / "snapshot.npz"),
            "PILLION_RECOMMEND_REFRESH_S": "1",
            **self.environment,
            **changes,
        }
        with self._clock("shim"):
            self.shim = Shim(environment, self.host, self.problem)

    def restart_shim(self, **changes: str) -> None:
        """Ends the shim and starts another."""
        self.shim.kill()
        self.start_shim(**changes)

    def pid(self, dependency: str) -> int:
        """Returns the process id of the store or the sidecar."""
        pid = self.store.pid if dependency == STORE else self.sidecar.pid
        assert pid is not None
        return pid

    def kill(self, dependency: str) -> None:
        """Ends a dependency with SIGKILL."""
        os.kill(self.pid(dependency), signal.SIGKILL)

    def revive(self, dependency: str) -> None:
        """Starts a dependency again after `kill`; the store comes back empty and is filled."""
        if dependency == STORE:
            self.store.stop()
            self.start_store()
        else:
            self.sidecar.stop()
            self.start_sidecar()

    def limit_files(self, dependency: str) -> tuple[int, int]:
        """Leaves a dependency no file descriptor to open; returns the limits before."""
        pid = self.pid(dependency)
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))  # those that are open stay so
        return limits

    def step_clock(self, name: str, seconds: int) -> None:
        """Sets the wall clock of a process that far ahead of the machine's."""
        path = self.folder / f"clock-{name}"
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:  # in place: an empty file would end whoever has it mapped
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    @contextmanager
    def _clock(self, name: str) -> Iterator[None]:
        """Has the processes started meanwhile read a wall clock that can be stepped."""
        if self.preload is None:
            yield
            return
        self.step_clock(name, 0)
        changes = {
            "LD_PRELOAD": str(self.preload),
            "PILLION_TEST_CLOCK": str(self.folder / f"clock-{name}"),
        }
        os.environ.update(changes)
        try:
            yield
        finally:
            for variable in changes:
                del os.environ[variable]


def build_preload(folder: Path) -> Path | None:
    """Compiles what steps a process's wall clock; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "wall_clock.so"
    source = Path(__file__).with_name("wall_clock.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
        check=True,
    )
    return library
