"""`pillion up`: what dies comes back and is asked again, operators have their way in, and nothing is left behind."""

import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.marked import await_end, await_nothing, children

pytestmark = pytest.mark.process
MAIN = "from pillion.cli import main; main()"
PATIENT = {
    "PILLION_RECOMMEND_DEADLINE_MS": "20000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "20000",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_SIDECAR_SLOW_MS": "14000",
    "PILLION_SIDECAR_START_TIMEOUT_S": "180",
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_STORE_SLOW_MS": "14000",
}
QUERY: dict[str, str | int] = {"k": 1, "hour": 3}
LONG_S = 240.0


class Up:
    """A running `pillion up`, and the lines that it has printed."""

    def __init__(self, root: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.lines: list[str] = []
        self._news = threading.Condition()
        environment = {**os.environ, **PATIENT, "PILLION_TEST_MARK": self.mark, "PILLION_SHIM_WORKERS": "2"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "up", "--port", "0", "--models", str(root / "pmml-models")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()

    def await_line(self, pattern: str, after: int = 0) -> re.Match[str]:
        """Waits for a line that has the pattern."""

        def find() -> re.Match[str] | None:
            return next((found for line in self.lines[after:] if (found := re.search(pattern, line))), None)

        with self._news:
            assert self._news.wait_for(lambda: find() is not None, LONG_S), self.lines
            return find()

    def pid(self, program: str) -> int:
        """The id of a process that it started."""
        (found,) = (pid for pid in children(self.process.pid) if program in Path(f"/proc/{pid}/cmdline").read_text())
        return found


@pytest.fixture(scope="module")
def up(root: Path, jar: Path) -> Iterator[Up]:
    running = Up(root)
    running.await_line("^end: ")
    yield running
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    running._reader.join()


@pytest.fixture(scope="module")
def client(up: Up) -> Iterator[httpx.Client]:
    address = up.await_line("^LISTENING shim (.*)")[1]
    with httpx.Client(base_url=address, timeout=60.0, trust_env=False) as client:
        yield client


def ask(client: httpx.Client) -> Any:
    return client.get("/v1/recommendations/15", params=QUERY).json()


def test_the_first_request_is_answered_online(client: httpx.Client) -> None:
    answer = ask(client)
    assert answer["source"] == "online", answer


def test_the_store_says_where_it_listens_and_takes_features(up: Up, client: httpx.Client, root: Path) -> None:
    url = up.await_line("^LISTENING store (redis://.*)")[1]
    # Single factors of the demo's users have moved since the ranker was fitted, which is not asked here.
    check = ["features", "check", "--allow-drift", "--models", str(root / "pmml-models"), "--store", url]
    command = [sys.executable, "-c", MAIN, *check]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root / "pmml-models")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "the store has all that the models want" in done.stdout


def test_operators_are_told_how_and_can(up: Up, client: httpx.Client) -> None:
    settings = dict(word.split("=", 1) for word in up.await_line("^operate: +export (.*)")[1].split())
    command = [sys.executable, "-c", MAIN, "models", "promote", "ranker", "1"]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("'ranker' is served by version 1"), done.stderr
    token = Path(settings["PILLION_SIDECAR_ADMIN_TOKEN_FILE"])
    assert token.stat().st_mode & 0o077 == 0
    headers = {"Authorization": f"Bearer {token.read_text()}"}
    assert client.post("/v1/breakers/sidecar", json={"mode": "auto"}, headers=headers).status_code == 200
    assert client.post("/v1/breakers/sidecar", json={"mode": "auto"}).status_code in (401, 403)


@pytest.mark.parametrize(("what", "program"), [("sidecar", "pillion-sidecar.jar"), ("store", "valkey-server")])
def test_what_is_killed_comes_back_and_answers_are_online_again(
    up: Up, client: httpx.Client, what: str, program: str
) -> None:
    before, pid = len(up.lines), up.pid(program)
    os.kill(pid, signal.SIGKILL)

    up.await_line(f"the {what} was ended by SIGKILL; it is started again in 0.5 s", before)
    up.await_line(f"the {what} is back", before)

    assert up.pid(program) != pid
    answers = (ask(client) for _ in range(10_000))
    assert next(answer["source"] for answer in answers if answer["source"] == "online") == "online"


def test_ctrl_c_ends_all_of_it_without_a_word(up: Up, client: httpx.Client) -> None:
    client.close()
    before, store = len(up.lines), up.pid("valkey-server")  # which overwrites its environment, and with it the mark
    os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does

    assert up.process.wait(60) == 0, up.lines
    up._reader.join()
    assert await_nothing(up.mark) == []
    assert await_end([store]) == []
    assert [line for line in up.lines[before:] if "again" in line or "Traceback" in line] == []
