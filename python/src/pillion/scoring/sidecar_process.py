"""The sidecar as a child process: started, waited for, stopped, and never left behind."""

import logging
import os
from pathlib import Path

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.process import ListeningProcess, Progress
from pillion.scoring.java import find_java
from pillion.scoring.startup_archive import StartupArchive

_LEVELS = {"WARN": logging.WARNING, "ERROR": logging.ERROR}
"""Of the sidecar's lines, which have a time, their level and the rest; the JVM's own lines have none."""


class SidecarProcess(ListeningProcess):
    """A sidecar of one's own.

    It ends with this process, however that ends: it watches a pipe that only this process holds. What it writes to
    standard error goes to the logger `pillion.sidecar`.

    Args:
        settings: Jar, models, Java, time to start.
        http: Where it listens; port 0 for any that is free.
        uds: A Unix socket to listen on as well.
        options: More options of the sidecar's command line.
        store: The online store whose items it holds in memory; what the environment says where it is None.
    """

    def __init__(
        self,
        settings: SidecarSettings,
        http: str = "127.0.0.1:0",
        uds: Path | None = None,
        options: tuple[str, ...] = (),
        store: StoreSettings | None = None,
    ) -> None:
        environment = None if store is None else {**os.environ, **store.environment()}
        super().__init__("sidecar", [], "sidecar-http", settings.start_timeout_s, environment=environment)
        self._settings = settings
        self._options = [*options, "--http", http, *(["--uds", str(uds)] if uds else [])]

    def start(self, progress: Progress = lambda text: None) -> str:
        """Starts the sidecar and waits until it serves.

        Args:
            progress: Is told what is being done, about once a second.

        Returns:
            Its address, `http://HOST:PORT`.

        Raises:
            ConfigurationError: There is no Java, no jar or no model repository, or the sidecar did not get ready; the
                message says why.
        """
        self._command = sidecar_command(self._settings, ["--exit-with-stdin", *self._options])
        return super().start(progress)

    def _take_line(self, line: str | None) -> None:
        # The JVM says it where the listeners' addresses go, and ends at once.
        if line is not None and line.startswith("Terminating due to java.lang.OutOfMemoryError"):
            self._take_error(
                "error: the heap is too small for the models; give the JVM more memory, or a larger part of it with "
                "-Xmx or -XX:MaxRAMPercentage in PILLION_SIDECAR_JVM_OPTIONS"
            )
        super()._take_line(line)

    def _level(self, line: str) -> int:
        _, _, rest = line.partition(" ")
        return _LEVELS.get(rest.partition(" ")[0], logging.INFO)


def sidecar_command(settings: SidecarSettings, options: list[str]) -> list[str]:
    """Returns the command line that starts a sidecar.

    Raises:
        ConfigurationError: There is no Java, no jar or no model repository.
    """
    if not settings.jar.is_file():
        raise ConfigurationError(f"there is no sidecar at {settings.jar}: build it with 'make build'")
    if not settings.models.is_dir():
        raise ConfigurationError(f"there is no model repository at {settings.models}")
    java = find_java(settings.java)
    archived = StartupArchive(java, settings.jar).options()
    command = [str(java), *archived, *settings.jvm_options, "-jar", str(settings.jar)]
    return [*command, "--models", str(settings.models), *options]
