"""The shim as a process, over a store and a sidecar."""

import asyncio
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pillion.config import StoreSettings
from pillion.features.redis import RedisStore
from tests.support.fixture_dataset import load_fixture_dataset

PATIENT = {
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "2000",
    "PILLION_STORE_SLOW_MS": "1900",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "2000",
    "PILLION_SIDECAR_SLOW_MS": "1900",
    "PILLION_RECOMMEND_DEADLINE_MS": "4000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "2000",
    "PILLION_RECOMMEND_REFRESH_S": "0.2",
}
"""Settings under which a busy machine answers as an idle one does."""


class Shim:
    """`pillion serve` in a process of its own.

    Args:
        models: The model repository.
        url: The store's.
        sidecar: The sidecar's address.
        snapshot: File of the snapshot.
        port: The port; 0 for any.
        workers: How many answer.
        environment: Settings beside those and `PATIENT`.
    """

    def __init__(
        self,
        models: Path,
        url: str,
        sidecar: str,
        snapshot: Path,
        port: int = 0,
        workers: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        command = [sys.executable, "-c", "import pillion.cli; pillion.cli.main()", "serve"]
        settings = {
            "PILLION_SIDECAR_MODELS": str(models),
            "PILLION_STORE_URL": url,
            "PILLION_SIDECAR_ADDRESS": sidecar,
            "PILLION_SHIM_PORT": str(port),
            "PILLION_SHIM_WORKERS": str(workers),
            "PILLION_RECOMMEND_SNAPSHOT_PATH": str(snapshot),
        }
        environment = {**os.environ, **PATIENT, **settings, **(environment or {})}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self.errors: list[str] = []
        self.lines: queue.Queue[str] = queue.Queue()
        self._readers = [threading.Thread(target=each, daemon=True) for each in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def address(self) -> str:
        """Waits for the line that says where it listens, as long as the test may."""
        line = self.lines.get()
        assert line, "".join(self.errors)
        return line.removeprefix("LISTENING shim ").strip()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it, and returns its exit status."""
        self.process.send_signal(number)
        return self.process.wait()

    def end(self) -> None:
        """Leaves nothing behind; workers end with the process that started them."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(10)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line)
        self.lines.put("")

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            self.errors += lines


def fill(url: str) -> None:
    """Publishes the fixture dataset in a store."""

    async def load() -> None:
        store = RedisStore(StoreSettings(url=url))
        await load_fixture_dataset(store)
        await store.close()

    asyncio.run(load())


def until(holds: Callable[[], bool], wait_s: float = 30.0) -> None:
    """Waits until something holds."""
    end = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
