"""What one command starts beside itself: the embedded store with its contents, and the sidecar."""

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pillion.cli.supervisor import Supervisor
from pillion.config import LogSettings, SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.features import Contents, ContentsStream, publish_contents, read_contents, read_contents_of
from pillion.features.store_process import StoreProcess
from pillion.project import Project
from pillion.scoring.sidecar_process import SidecarProcess

Progress = Callable[[str], None]
_LOADS = 100
"""Feature versions that others may have loaded before a store died, all of which the next one is to come after."""
Count = Callable[[str, int, int | None], None]


class Stack:
    """An online store and a sidecar, started together and stopped together.

    Args:
        store: The store to use where its URL is given; an embedded one is started where it is None.
        sidecar: Jar, models, Java.
        contents: Makes what the store is filled with.
        progress: Is told what is being done.
        fill_given: Whether a given store gets the contents as well, as another feature version; else it is left as is.
        count: Is told how far the store is filled.
        admin: The operators' address of the sidecar, `HOST:PORT`, and its token; None for none.
    """

    def __init__(
        self,
        store: StoreSettings | None,
        sidecar: SidecarSettings,
        contents: Callable[[], Contents | ContentsStream],
        progress: Progress = lambda text: None,
        fill_given: bool = False,
        count: Count = lambda what, done, total: None,
        admin: tuple[str, str] | None = None,
    ) -> None:
        self._given = store
        self._fill_given = fill_given
        self._sidecar_settings = sidecar
        self._contents = contents
        self._progress = progress
        self._count = count
        self._admin = admin
        self._listen = {"--http": "127.0.0.1:0"}
        self._exit = contextlib.ExitStack()
        self._supervisor: Supervisor | None = None
        self._version = 0
        self.run_folder = Path()
        self.sidecar_address = ""
        self.store_settings = StoreSettings()
        self.sidecar_process: SidecarProcess | None = None
        self.store_process: StoreProcess | None = None

    def __enter__(self) -> Self:
        try:
            self.run_folder = Path(tempfile.mkdtemp(prefix="pillion-"))
            self._exit.callback(shutil.rmtree, self.run_folder, ignore_errors=True)
            if self._admin is not None:
                address, token = self._admin
                self.admin_token_file.touch(mode=0o600)
                self.admin_token_file.write_text(token, encoding="ascii")
                self._listen |= {"--admin": address, "--admin-token-file": str(self.admin_token_file)}
            self._start_store()
            self.start_sidecar()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._supervisor is not None:
            self._supervisor.end()
        self._stop_processes()
        if self._supervisor is not None:
            self._supervisor.join()
            self._stop_processes()  # what was just being started again
        self._exit.close()

    def _stop_processes(self) -> None:
        self.stop_sidecar()
        if self.store_process is not None:
            self.store_process.stop()

    @property
    def admin_token_file(self) -> Path:
        """The file with the token of the operators' address; only this user can read it."""
        return self.run_folder / "admin.token"

    @property
    def pids(self) -> list[int]:
        """Ids of the processes that were started and run."""
        store = None if self.store_process is None else self.store_process.pid
        sidecar = None if self.sidecar_process is None else self.sidecar_process.pid
        return [pid for pid in (store, sidecar) if pid is not None]

    def supervise(self, supervisor: Supervisor) -> None:
        """Has the processes started again that end by themselves, at the same addresses, until the stack is left.

        The store is filled anew then, as a later feature version than it had, since hosts keep items by their version.
        """
        self._supervisor = supervisor
        if self.store_process is not None:
            without = "users are not known, and answers are what is popular"
            supervisor.watch("store", without, lambda: _ended(self.store_process), self._restart_store)
        without = "answers are those that were computed ahead, or what is popular"
        supervisor.watch("sidecar", without, lambda: _ended(self.sidecar_process), self.start_sidecar)

    def _start_store(self) -> None:
        if self._given is not None:
            self.store_settings = self._given
        else:
            self.store_process = StoreProcess()
            url = self.store_process.start(self._progress)
            self.store_settings = StoreSettings(url=url, password=None)
        if self._given is None or self._fill_given:
            self._fill()

    def _restart_store(self) -> None:
        assert self.store_process is not None
        self.store_process.stop()
        self.store_process = StoreProcess(urlsplit(self.store_settings.url).port or 0)
        self.store_process.start(self._progress)
        self._version += _LOADS
        self._fill()

    def _fill(self) -> None:
        self._progress("loading features into the store")
        self._version = asyncio.run(publish_contents(self.store_settings, self._contents(), self._count, self._version))

    def start_sidecar(self) -> None:
        """Starts the sidecar, at the same addresses each time, and waits until it serves."""
        self.stop_sidecar()
        socket = self.run_folder / "sidecar.sock"
        others = tuple(word for option in self._listen.items() if option[0] != "--http" for word in option)
        process = self.sidecar_process = SidecarProcess(
            self._sidecar_settings, self._listen["--http"], socket, others, self.store_settings
        )
        process.start(self._progress)
        if self._supervisor is not None and self._supervisor.ended:
            process.stop()
            return
        self.sidecar_address = f"unix:{socket}"
        for name in ("http", "grpc", *(["admin"] if "--admin" in self._listen else [])):
            self._listen[f"--{name}"] = process.address_of(f"sidecar-{name}").rpartition("://")[2]

    def stop_sidecar(self) -> None:
        """Stops the sidecar; does nothing where it is stopped already."""
        if self.sidecar_process is not None:
            self.sidecar_process.stop()


def _ended(process: StoreProcess | SidecarProcess | None) -> int:
    assert process is not None
    return process.wait()


def hush_sidecar() -> None:
    """Shows of the sidecar's log warnings and worse, unless another level than the usual one is set."""
    if LogSettings().level == "info":
        logging.getLogger("pillion.sidecar").setLevel(logging.WARNING)


def read_features(project: Project, count: Count = lambda what, done, total: None) -> Contents | ContentsStream:
    """Returns what a project file names as features.

    Raises:
        ConfigurationError: It names none, or they cannot be read.
    """
    require_features(project)
    if project.features.archive is not None:
        return read_contents(project.features.archive)
    return read_contents_of(project, progress=count)[0]


def require_features(project: Project) -> None:
    """Checks that a project file names features.

    Raises:
        ConfigurationError: It names none.
    """
    if project.features.archive is None and project.features.items is None:
        raise ConfigurationError(
            f"nothing is known that the embedded store could be filled with: {project.name} names no tables under"
            " [features]; name them there, or give a filled store by --store"
        )
