"""The shim that users call, or a host with its routes, as a process with its log."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.request import urlopen

_START_S = 60.0
Environment = dict[str, str]


class Shim:
    """A shim, or a host with its routes, in a process of its own, with its log's lines by time.

    Args:
        environment: Settings.
        host: Command of a host in another language; None for the shim.
        problem: What a line of its log has that tells of a problem, where the log is no JSON.

    Attributes:
        changes: Each change of a breaker: when it was logged, on this process's monotonic clock, and the log's
            fields.
    """

    def __init__(self, environment: Environment, host: Sequence[str] | None = None, problem: str = "") -> None:
        command = host or [
            sys.executable,
            "-c",
            "import pillion.cli; pillion.cli.main()",
            "serve",
        ]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # a host may end with it
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PILLION_LOG_FORMAT": "json",
                "PILLION_SHIM_PORT": "0",
                "PILLION_SHIM_WORKERS": "1",
                **environment,
            },
        )
        self.changes: list[tuple[float, dict[str, Any]]] = []
        self.problems: list[str] = []
        self._problem = problem
        self._lines: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            line = self._lines.get(timeout=_START_S)
        except queue.Empty:
            self.process.kill()
            raise RuntimeError(f"the shim did not start: {self.problems}") from None
        self.url = line.split()[-1]
        name, _, port = self.url.removeprefix("http://").rpartition(":")
        self.host, self.port = name, int(port)

    def get(self, path: str) -> str:
        """Returns the body of a GET."""
        with urlopen(self.url + path, timeout=30) as response:
            return str(response.read().decode())

    def metrics(self) -> dict[str, float]:
        """Returns every sample of /metrics by its name and labels."""
        lines = [line for line in self.get("/metrics").splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def stop(self) -> int:
        """Ends it politely; returns its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends it by force."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            now = time.monotonic()
            try:
                fields = json.loads(line)
            except ValueError:
                if self._problem in line:
                    self.problems.append(line)
                continue
            if fields.get("logger") == "pillion.recommend.breaker":
                self.changes.append((now, fields))
            elif fields.get("level") in ("error", "critical"):
                self.problems.append(line)
