"""A shim of several workers answers, shows itself and ends as one."""

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pillion.features.store_process import StoreProcess
from tests.support.ports import free_port
from tests.support.shim import Shim, until

pytestmark = pytest.mark.process
TOKEN = "let-me"
Start = Callable[..., Shim]


@pytest.fixture
def shim(start: Start, valkey: StoreProcess, sidecar: str) -> Shim:
    return start(valkey.url, sidecar, workers=2, environment={"PILLION_SHIM_ADMIN_TOKEN": TOKEN})


def statuses(address: str) -> list[dict[str, Any]]:
    """Returns the status of each worker."""
    found = httpx.get(f"{address}/v1/status", timeout=10).json()
    return [found, *found["others"]]


def force(address: str, name: str, mode: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    response = httpx.post(f"{address}/v1/breakers/{name}", json={"mode": mode}, headers=headers, timeout=10)
    assert response.status_code == 200


def ask(address: str) -> dict[str, Any]:
    response = httpx.get(f"{address}/v1/recommendations/8", timeout=10)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def metric(address: str, name: str, **labels: str) -> float:
    """Returns the sum of a metric's samples that have these labels."""
    text = httpx.get(f"{address}/metrics", timeout=10).text
    samples = [line for line in text.splitlines() if re.match(rf"{name}[ {{]", line)]
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(float(line.rpartition(" ")[2]) for line in samples if all(each in line for each in wanted))


def test_the_first_request_of_each_worker_is_answered_by_the_model(shim: Shim) -> None:
    address = shim.address()
    answers = [ask(address) for _ in range(20)]

    assert [answer["source"] for answer in answers] == ["online"] * 20


def test_any_worker_shows_the_status_of_all(shim: Shim) -> None:
    address = shim.address()

    found = statuses(address)

    assert len({status["pid"] for status in found}) == 2
    assert shim.process.pid not in {status["pid"] for status in found}
    assert {status["breakers"]["store"]["state"] for status in found} == {"closed"}


def test_metrics_sum_all_workers(shim: Shim) -> None:
    address = shim.address()
    for _ in range(30):
        ask(address)

    assert metric(address, "pillion_answers_total", source="online") == 30
    assert metric(address, "pillion_breaker_state", dependency="store", state="closed") == 2
    until(lambda: metric(address, "pillion_attempts_total", dependency="store", outcome="succeeded") == 30)


def test_a_forced_breaker_is_forced_in_every_worker_and_in_one_that_comes_later(shim: Shim) -> None:
    address = shim.address()
    force(address, "sidecar", "open")
    until(lambda: {each["breakers"]["sidecar"]["state"] for each in statuses(address)} == {"forced_open"})
    assert {ask(address)["reason"] for _ in range(10)} == {"sidecar_breaker_open"}

    before = {status["pid"] for status in statuses(address)}
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len({status["pid"] for status in statuses(address)} - before) == 1)
    assert {each["breakers"]["sidecar"]["state"] for each in statuses(address)} == {"forced_open"}

    force(address, "sidecar", "auto")
    until(lambda: {each["breakers"]["sidecar"]["state"] for each in statuses(address)} == {"closed"})


def test_a_worker_that_is_killed_is_replaced_and_the_others_answer_meanwhile(shim: Shim) -> None:
    address = shim.address()
    ask(address)
    before = {status["pid"] for status in statuses(address)}
    os.kill(min(before), signal.SIGKILL)
    until(lambda: min(before) not in {status["pid"] for status in statuses(address)})

    assert [ask(address)["source"] for _ in range(5)] == ["online"] * 5
    assert metric(address, "pillion_breaker_state", dependency="store", state="closed") >= 1
    until(lambda: len({status["pid"] for status in statuses(address)}) == 2)
    until(lambda: metric(address, "pillion_breaker_state", dependency="store", state="closed") == 2)
    assert shim.stop() == 0


def test_requests_under_way_are_answered_by_every_worker_before_the_end(
    start: Start, valkey: StoreProcess, sidecar: str
) -> None:
    # Longer than a test may take, so that this one ends only if the shim ends by the answers and not by the clock.
    shim = start(valkey.url, sidecar, workers=2, environment={"PILLION_SHIM_DRAIN_S": "3600"})
    address = shim.address()
    pids = [status["pid"] for status in statuses(address)]
    answers: Counter[int] = Counter()
    failures: list[str] = []

    def call() -> None:
        while True:
            try:
                with httpx.Client(timeout=10) as client:  # a new connection a request, as many callers have them
                    for _ in range(3):
                        answers[client.get(f"{address}/v1/recommendations/8").status_code] += 1
            except httpx.ConnectError:
                return
            except httpx.HTTPError as error:
                failures.append(repr(error))
                return

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: answers[200] >= 40)
    status = shim.stop()
    for thread in threads:
        thread.join(30)

    assert (status, failures) == (0, [])
    assert set(answers) == {200}
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_workers_end_with_the_process_that_started_them(shim: Shim) -> None:
    address = shim.address()
    pids = [status["pid"] for status in statuses(address)]

    shim.end()

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_workers_that_cannot_start_are_one_sentence(start: Start, valkey: StoreProcess, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    shim = start(valkey.url, nobody, workers=2, environment={"PILLION_RECOMMEND_MODEL": "nothing"})

    assert shim.process.wait() == 2
    shim.end()
    sentences = [line for line in shim.errors if line.startswith("error: ")]
    assert len(sentences) == 1
    assert "nothing" in sentences[0]
