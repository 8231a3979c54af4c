"""MLServer as a process with the same PMML document, in a virtual environment of its own."""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx

from tools.checkout import ROOT

HERE = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / "build/mlserver"
LOCK = ROOT / "python/requirements-mlserver.lock"
_START_S = 120.0
_INSTALL_S = 600.0


class NotInstalled(Exception):
    """MLServer cannot be had; says why."""


def install() -> None:
    """Makes the environment where it is not there.

    Raises:
        NotInstalled: pip cannot get it.
    """
    if (ENVIRONMENT / "bin/mlserver").is_file():
        return
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    command: list[str | Path] = [
        ENVIRONMENT / "bin/python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", str(LOCK)], capture_output=True, text=True, timeout=_INSTALL_S, check=False
    )
    if done.returncode != 0:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        raise NotInstalled((done.stderr.strip() or "pip gave no reason").splitlines()[-1])


class MlServer:
    """A server of one model.

    Args:
        folder: Where its settings are written.
        document: model.pmml.
        model: Name of the model.
    """

    def __init__(self, folder: Path, document: Path, model: str) -> None:
        install()
        self.http, self.grpc, metrics = _free_ports(3)
        settings = {
            "host": "127.0.0.1", "http_port": self.http, "grpc_port": self.grpc, "metrics_port": metrics,
            "parallel_workers": 0, "debug": False,
        }  # fmt: skip
        implementation = {"implementation": "mlserver_runtime.PmmlRuntime", "parameters": {"uri": str(document)}}
        (folder / "settings.json").write_text(json.dumps(settings))
        (folder / "model-settings.json").write_text(json.dumps({"name": model, **implementation}))
        shutil.copy(HERE / "mlserver_runtime.py", folder)
        self._log = (folder / "log.txt").open("w")
        command = [str(ENVIRONMENT / "bin/mlserver"), "start", str(folder)]
        self._process = subprocess.Popen(command, cwd=folder, stdout=self._log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid
        self._folder = folder

    def __enter__(self) -> Self:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self.http}/v2/health/ready", trust_env=False).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.2)
        self.__exit__()
        raise NotInstalled(f"it did not start: {(self._folder / 'log.txt').read_text()[-500:]}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
