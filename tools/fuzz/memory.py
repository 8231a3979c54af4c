"""A sidecar in a JVM with little memory, asked at once by several callers for whatever would fill it.

Bodies have all sizes up to beyond the limit and all encodings (`tools.fuzz.bodies`); some are sent in chunks, some are
broken off, some answers are not read. The JVM ends at its first OutOfMemoryError. The program prints what it sent and
what was answered, and whether the process is alive and answers a good request within its usual time; it exits with 1
where it is not, or where anything was answered with an unexpected status.
"""

import argparse
import http.client
import json
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from pillion.config import JVM_OPTIONS, SidecarSettings
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import json_lines, write_ranker, write_version
from tools.checkout import JAR
from tools.fuzz.bodies import INFER, MAKERS, Sent, good
from tools.process_usage import resident_bytes

HEAP = "614m"
CALLERS = 6
SMALLEST, LARGEST = 1 << 10, 66 << 20
ANSWERS = frozenset(
    ("200", "400", "413", "503", "OK", "INVALID_ARGUMENT", "UNAVAILABLE", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED")
)
"""What may be answered; `closed` and `left` are what the connection or the caller did instead."""
TIMEOUT_S = 120.0
_GOOD_CALLS = 15
_OUTPUTS = 1000


@dataclass(slots=True)
class Report:
    """What was sent, by kind, and what came back."""

    answers: dict[str, Counter[str]] = field(default_factory=dict)
    sizes: dict[str, list[int]] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    usual_ms: float = 0.0
    afterwards_ms: float = 0.0
    resident_mb: float = 0.0
    alive: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sent: Sent, answer: str, detail: str = "") -> None:
        """Counts an answer."""
        with self.lock:
            self.answers.setdefault(sent.kind, Counter())[answer] += 1
            self.sizes.setdefault(sent.kind, []).append(len(sent.body))
            if answer not in ANSWERS | {"closed", "left"}:
                self.unexpected.append(f"{sent.kind}, {len(sent.body)} bytes: {answer} {detail}")

    @property
    def passed(self) -> bool:
        """Whether the sidecar lives, and every answer was one that may be."""
        return self.alive and not self.unexpected

    def lines(self) -> Iterator[str]:
        """The report as text."""
        for kind, sizes in sorted(self.sizes.items()):
            answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(self.answers[kind].items()))
            total = sum(sizes) / 1e6
            yield f"{kind:24s} {len(sizes):5d} sent, {total:8.1f} MB, largest {max(sizes) / 1e6:5.1f} MB: {answers}"
        yield from self.unexpected[:20]
        state = "alive" if self.alive else "DEAD"
        yield (
            f"the sidecar is {state}; a good request takes {self.afterwards_ms:.1f} ms, before {self.usual_ms:.1f} ms; "
            f"{self.resident_mb:.0f} MB resident"
        )


def write_models(folder: Path) -> Path:
    """Writes a ranker, and a model that gives its one input back under a thousand names."""
    write_ranker(folder, engine="compiled")
    outputs = "".join(
        f'<OutputField name="x again {number}" optype="continuous" dataType="double" feature="transformedValue">'
        f'<FieldRef field="x"/></OutputField>'
        for number in range(_OUTPUTS)
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>'
        '<DataDictionary><DataField name="y" optype="continuous" dataType="double"/>'
        '<DataField name="x" optype="continuous" dataType="double"/></DataDictionary>'
        '<TreeModel functionName="regression"><MiningSchema><MiningField name="y" usageType="target"/>'
        f'<MiningField name="x"/></MiningSchema><Output>{outputs}</Output><Node score="1"><True/></Node></TreeModel>'
        "</PMML>"
    )
    row = {"input": {"x": 0.5}, "expected": {"x again 0": 0.5}}
    manifest = {
        "contract": {"inputs": [{"name": "x", "type": "double", "optype": "continuous"}]},
        "outputs": [{"name": "x again 0", "type": "double"}],
        "engine": "compiled",
    }
    write_version(folder, "wide", 1, {"model.pmml": document, "verification.jsonl": json_lines([row])}, manifest)
    return folder


class Caller(threading.Thread):
    """Sends one request after the other, chosen by a seed.

    Args:
        sidecar: Whom it asks.
        seed: What it chooses by.
        report: Where the answers are counted.
        requests: How many it sends at most.
        end: When it stops, on the clock of `time.monotonic`.
    """

    def __init__(self, sidecar: SidecarProcess, seed: int, report: Report, requests: int, end: float) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(seed)
        self._address = sidecar.address_of("sidecar-http").removeprefix("http://")
        self._target = sidecar.address_of("sidecar-grpc")
        self._report, self._requests, self._end = report, requests, end

    def run(self) -> None:
        """Sends them."""
        for _ in range(self._requests):
            if time.monotonic() > self._end:
                return
            size = int(SMALLEST * (LARGEST / SMALLEST) ** self._random.random())
            sent = self._random.choice(MAKERS)(self._random, size)
            (self._call if sent.grpc else self._post)(sent)

    def _post(self, sent: Sent) -> None:
        way = self._random.random()
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_S)
        try:
            if way < 0.1:
                self._break_off(connection, sent)
                return
            body = iter(_parts(sent.body)) if way < 0.3 else sent.body
            connection.request("POST", sent.path, body, sent.headers, encode_chunked=way < 0.3)
            if way > 0.95:
                self._report.add(sent, "left")
                return
            response = connection.getresponse()
            text = response.read()
            self._report.add(sent, str(response.status), text[:200].decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            self._report.add(sent, "closed")
        finally:
            connection.close()

    def _break_off(self, connection: http.client.HTTPConnection, sent: Sent) -> None:
        """Sends a part of the body that was announced."""
        connection.connect()
        head = f"POST {sent.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sent.body) + 1}\r\n\r\n"
        assert isinstance(connection.sock, socket.socket)
        connection.sock.sendall(head.encode() + sent.body)
        self._report.add(sent, "left")

    def _call(self, sent: Sent) -> None:
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(self._target, options=[*options, ("grpc.use_local_subchannel_pool", 1)]) as channel:
            call = channel.unary_unary(sent.path).future(sent.body, timeout=TIMEOUT_S)
            if self._random.random() < 0.1:
                time.sleep(self._random.random() / 10)
                call.cancel()
                self._report.add(sent, "left")
                return
            error = call.exception()
            self._report.add(sent, call.code().name, str(error)[:200] if error else "")


def _parts(body: bytes) -> Iterator[bytes]:
    step = 1 << 16
    return (body[at : at + step] for at in range(0, len(body), step))


def good_ms(sidecar: SidecarProcess) -> float:
    """The median time of a good request of 100 rows, in milliseconds.

    Raises:
        OSError: It is not answered.
        ValueError: It is not answered with 200.
    """
    address = sidecar.address_of("sidecar-http").removeprefix("http://")
    times = []
    for _ in range(_GOOD_CALLS):
        connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
        begin = time.perf_counter()
        connection.request("POST", INFER, good(100))
        response = connection.getresponse()
        answer = json.loads(response.read())
        times.append(time.perf_counter() - begin)
        connection.close()
        if response.status != 200:
            raise ValueError(f"a good request is answered with {response.status}: {answer}")
    return statistics.median(times) * 1e3


def fuzz(
    seed: int, seconds: float = float("inf"), requests: int = sys.maxsize, heap: str = HEAP, callers: int = CALLERS
) -> Report:
    """Asks a sidecar of its own for a while.

    Args:
        seed: What the requests are chosen by.
        seconds: How long.
        requests: How many each caller sends at most.
        heap: The JVM's.
        callers: How many ask at once.
    """
    report = Report()
    with tempfile.TemporaryDirectory(prefix="pillion-fuzz-") as folder:
        options = (*JVM_OPTIONS, f"-Xmx{heap}")
        settings = SidecarSettings(jar=JAR, models=write_models(Path(folder)), jvm_options=options, start_timeout_s=180)
        with SidecarProcess(settings, options=("--poll", "0")) as sidecar:
            good_ms(sidecar)
            report.usual_ms = good_ms(sidecar)
            end = time.monotonic() + seconds
            threads = [Caller(sidecar, seed * 1000 + i, report, requests, end) for i in range(callers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            report.alive = sidecar.running
            if report.alive and sidecar.pid is not None:
                report.afterwards_ms = good_ms(sidecar)
                report.resident_mb = resident_bytes(sidecar.pid) / 1e6
    return report


def main() -> int:
    """Runs it and prints the report; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--heap", default=HEAP, help="the JVM's (default: that of deploy/kubernetes)")
    parser.add_argument("--callers", type=int, default=CALLERS, help="how many ask at once")
    given = parser.parse_args()
    report = fuzz(given.seed, given.seconds, heap=given.heap, callers=given.callers)
    for line in report.lines():
        print(line)
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
