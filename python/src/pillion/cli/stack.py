"""What one command starts beside itself: the embedded store with its contents, and the sidecar."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.features import Contents, load_features, read_contents, read_contents_of
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from pillion.project import Project
from pillion.scoring.sidecar_process import SidecarProcess

Progress = Callable[[str], None]


class Stack:
    """An online store and a sidecar, started together and stopped together.

    Args:
        store: The store to use where its URL is given; an embedded one is started where it is None.
        sidecar: Jar, models, Java.
        contents: Makes what the store is filled with.
        progress: Is told what is being done.
        fill_given: Whether a given store gets the contents as well, as another feature version; else it is left as is.
    """

    def __init__(
        self,
        store: StoreSettings | None,
        sidecar: SidecarSettings,
        contents: Callable[[], Contents],
        progress: Progress = lambda text: None,
        fill_given: bool = False,
    ) -> None:
        self._given = store
        self._fill_given = fill_given
        self._sidecar_settings = sidecar
        self._contents = contents
        self._progress = progress
        self._exit = contextlib.ExitStack()
        self.run_folder = Path()
        self.sidecar_address = ""
        self.store_settings = StoreSettings()
        self.sidecar_process: SidecarProcess | None = None
        self.store_process: StoreProcess | None = None

    def __enter__(self) -> Self:
        try:
            self.run_folder = Path(tempfile.mkdtemp(prefix="pillion-"))
            self._exit.callback(shutil.rmtree, self.run_folder, ignore_errors=True)
            self._start_store()
            self.start_sidecar()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_sidecar()
        self._exit.close()

    @property
    def pids(self) -> list[int]:
        """Ids of the processes that were started and run."""
        store = None if self.store_process is None else self.store_process.pid
        sidecar = None if self.sidecar_process is None else self.sidecar_process.pid
        return [pid for pid in (store, sidecar) if pid is not None]

    def _start_store(self) -> None:
        if self._given is not None:
            self.store_settings = self._given
        else:
            self.store_process = StoreProcess()
            url = self.store_process.start(self._progress)
            self._exit.callback(self.store_process.stop)
            self.store_settings = StoreSettings(url=url, cluster=False, password=None)
        if self._given is None or self._fill_given:
            self._progress("loading features into the store")
            asyncio.run(fill(self.store_settings, self._contents(), self._progress))

    def start_sidecar(self) -> None:
        """Starts the sidecar, on the same Unix socket each time, and waits until it serves."""
        socket = self.run_folder / "sidecar.sock"
        self.sidecar_process = SidecarProcess(self._sidecar_settings, uds=socket)
        self._exit.callback(self.stop_sidecar)
        self.sidecar_process.start(self._progress)
        self.sidecar_address = f"unix:{socket}"

    def stop_sidecar(self) -> None:
        """Stops the sidecar; does nothing where it is stopped already."""
        if self.sidecar_process is not None:
            self.sidecar_process.stop()


def read_features(project: Project) -> Contents:
    """Returns what a project file names as features.

    Raises:
        ConfigurationError: It names none, or they cannot be read.
    """
    if project.features.archive is not None:
        return read_contents(project.features.archive)
    if project.features.items is None:
        raise ConfigurationError(
            f"nothing is known that the embedded store could be filled with: {project.name} names no tables under"
            " [features]; name them there, or give a filled store by --store"
        )
    return read_contents_of(project)[0]


async def fill(settings: StoreSettings, contents: Contents, progress: Progress) -> int:
    """Publishes contents as a feature version of a store, and returns the version."""

    def told(what: str, done: int, total: int) -> None:
        if done == total:
            progress(f"loaded {total} {what}")

    store = RedisStore(settings)
    try:
        return await load_features(
            store,
            contents,
            ttl_s=settings.version_ttl_s,
            grace_s=settings.grace_s,
            timeout_s=settings.load_timeout_s,
            progress=told,
        )
    finally:
        await store.close()
