"""What a call to the sidecar costs, by transport and encoding, beside others': one run, one table, one page.

Every request is encoded beforehand and every reply is read, so that the transports are compared and not the clients'
encoders. Closed loop: one caller that waits for each answer. Open loop: calls begin at fixed times, at a share of the
closed loop's rate, and each is timed from when it should have begun, so that a stall counts for all that it delays.
"""

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc

from pillion.config import SidecarSettings
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.java import find_java
from pillion.scoring.sidecar_process import SidecarProcess
from tools.benchmarks.certificates import Certificates
from tools.benchmarks.loops import Call, closed, opened, warm_up
from tools.benchmarks.mlserver_process import MlServer, NotInstalled
from tools.benchmarks.page import page
from tools.benchmarks.routes import dialect_call, grpc_call, http_call, in_java, jpype_call
from tools.checkout import JAR, ROOT

ROWS = (1, 10, 100, 1000)
OPEN_SHARE = 0.5
POOL = 64
Found = list[dict[str, Any]]


class Bench:
    """One run over one model.

    Args:
        models: The model repository.
        model: Which of its models; its newest version is taken.
        output: The output that is asked for.
        seconds: Of each loop.
    """

    def __init__(self, models: Path, model: str, output: str, seconds: float) -> None:
        versions = [path for path in (models / model).iterdir() if path.name.isdigit()]
        self.version = max(versions, key=lambda path: int(path.name))
        manifest = json.loads((self.version / "manifest.json").read_text())
        types = {field["name"]: field["type"] for field in manifest["contract"]["inputs"]}
        real = manifest["verification"]["real"]
        rows_of = (self.version / "verification.jsonl").read_text().splitlines()[:real]
        lines = (json.loads(line) for line in rows_of)
        # MLServer knows neither missing nor infinite values, so all are asked about rows without one.
        table = [line["input"] for line in lines if _plain(line["input"], types)]
        self.requests = []
        for rows in ROWS:
            columns = {name: [table[row % len(table)][name] for row in range(rows)] for name in types}
            self.requests.append(ScoreRequest(model, types, columns, rows, (output,)))
        self.models, self.model, self.seconds = models, model, seconds
        self.found: Found = []
        self.absent: dict[str, str] = {}

    async def run(self) -> None:
        """Times every route with every batch size."""
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-")))
            for request in self.requests:
                java = find_java(None)
                document = self.version / "model.pmml"
                self._add(
                    "in process, Java", request.rows, in_java(java, JAR, document, request, self.seconds, scratch)
                )
                await self._time(
                    "in process, JPype", jpype_call(document.read_bytes(), request, JAR), request, os.getpid()
                )
            await self._sidecar(stack, scratch)
            await self._secured(stack, scratch)
            await self._interpreter(stack)
            await self._mlserver(stack, scratch)

    async def _sidecar(self, stack: ExitStack, scratch: Path) -> None:
        process = self._start(stack, self.models, uds=scratch / "s")
        tcp, uds = _pool(process.address_of("sidecar-http")), _pool(f"unix:{scratch / 's'}")
        channels = [_channel(target) for target in (process.address_of("sidecar-grpc"), f"unix:{scratch / 's'}")]
        ways: dict[str, Callable[[ScoreRequest], Call]] = {
            "Unix socket, binary": lambda request: http_call(uds, request, True),
            "Unix socket, JSON": lambda request: http_call(uds, request, False),
            "Unix socket, gRPC": lambda request: grpc_call(channels[1], request),
            "TCP, binary": lambda request: http_call(tcp, request, True),
            "TCP, JSON": lambda request: http_call(tcp, request, False),
            "TCP, gRPC": lambda request: grpc_call(channels[0], request),
            "TCP, binary, a connection per call": lambda request: http_call(tcp, request, True, kept=False),
        }
        await self._time_all(ways, process.pid)
        for pool in (tcp, uds, *channels):
            await pool.close()

    async def _secured(self, stack: ExitStack, scratch: Path) -> None:
        files = Certificates(scratch)
        files.write()
        process = self._start(stack, self.models, options=files.options)
        tls = _pool(process.address_of("sidecar-http"), **files.settings)
        ways: dict[str, Callable[[ScoreRequest], Call]] = {
            "TCP, mutual TLS, binary": lambda request: http_call(tls, request, True),
            "TCP, mutual TLS, JSON": lambda request: http_call(tls, request, False),
            "TCP, mutual TLS, binary, a connection per call": lambda request: http_call(tls, request, True, kept=False),
        }
        await self._time_all(ways, process.pid)
        await tls.close()

    async def _interpreter(self, stack: ExitStack) -> None:
        models = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-models-")))
        self._without_edge_rows(models / self.model / "1")
        process = self._start(stack, models, options=("--engine", "jpmml"))
        tcp = _pool(process.address_of("sidecar-http"))
        ways = {"JPMML in our server, Openscoring's dialect": lambda request: dialect_call(tcp, request)}
        await self._time_all(ways, process.pid)
        await tcp.close()

    async def _mlserver(self, stack: ExitStack, scratch: Path) -> None:
        folder = scratch / "mlserver"
        folder.mkdir()
        try:
            server = stack.enter_context(MlServer(folder, (self.version / "model.pmml").resolve(), self.model))
        except NotInstalled as reason:
            self.absent["MLServer"] = str(reason)
            return
        tcp, channel = _pool(f"http://127.0.0.1:{server.http}"), _channel(f"127.0.0.1:{server.grpc}")
        ways: dict[str, Callable[[ScoreRequest], Call]] = {
            "MLServer, REST": lambda request: http_call(tcp, request, False),
            "MLServer, gRPC": lambda request: grpc_call(channel, request),
        }
        await self._time_all(ways, server.pid)
        await tcp.close()
        await channel.close()

    def _without_edge_rows(self, folder: Path) -> None:
        """Writes the version with rows that the interpreter gets right; the published ones hold it to Spark's bits."""
        folder.mkdir(parents=True)
        shutil.copy(self.version / "model.pmml", folder)
        manifest = json.loads((self.version / "manifest.json").read_text())
        manifest["engine"] = "jpmml"
        lines = (self.version / "verification.jsonl").read_text().splitlines()
        some = [line for line in lines if _plain(json.loads(line)["input"], self.requests[0].types)][:20]
        (folder / "verification.jsonl").write_text("".join(f"{line}\n" for line in some))
        manifest["files"] = {
            name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
            for name in ("model.pmml", "verification.jsonl")
        }
        manifest["version"] = 1
        manifest["verification"] |= {"rows": len(some), "real": len(some), "edge": 0, "spark_errors": 0}
        (folder / "manifest.json").write_text(json.dumps(manifest))

    def _start(
        self, stack: ExitStack, models: Path, uds: Path | None = None, options: tuple[str, ...] = ()
    ) -> SidecarProcess:
        settings = SidecarSettings(jar=JAR, models=models, start_timeout_s=180)
        return stack.enter_context(SidecarProcess(settings, uds=uds, options=options))

    async def _time_all(self, ways: dict[str, Callable[[ScoreRequest], Call]], pid: int | None) -> None:
        assert pid is not None
        # The server's compiler learns on all of them first, so that no route pays for being the first one.
        for request in reversed(self.requests):
            for way in ways.values():
                await warm_up(way(request), self.seconds)
        for request in self.requests:
            for name, way in ways.items():
                await self._time(name, way(request), request, pid)

    async def _time(self, name: str, call: Call, request: ScoreRequest, pid: int) -> None:
        times = await closed(call, pid, self.seconds)
        if pid != os.getpid():
            late = await opened(call, OPEN_SHARE * times["per_s"], self.seconds)
            times |= {f"open_{key}": value for key, value in late.items()}
        self._add(name, request.rows, times)

    def _add(self, name: str, rows: int, times: dict[str, Any]) -> None:
        self.found.append({"route": name, "rows": rows, **times})
        print(
            f"{rows:5d} rows  {name:46s} p50 {times['p50_ms']:9.4f} ms  p99 {times['p99_ms']:9.4f} ms", file=sys.stderr
        )


def _plain(row: dict[str, Any], types: Mapping[str, str]) -> bool:
    """Whether each input has a value, and numbers are finite: others are text in a verification set."""
    kinds = {"string": str, "integer": int, "boolean": bool}
    return all(isinstance(row.get(name), kinds.get(kind, (int, float))) for name, kind in types.items())


def _pool(address: str, **credentials: Any) -> HttpScorer:
    return HttpScorer(SidecarSettings(address=address, max_connections=POOL, **credentials))


def _channel(target: str) -> "grpc.aio.Channel":
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    return grpc.aio.insecure_channel(target, options=options)


def main() -> None:
    """Runs the benchmark; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=ROOT / "pmml-models", help="model repository")
    parser.add_argument("--model", default="ranker")
    parser.add_argument("--output", default="probability(1)")
    parser.add_argument("--seconds", type=float, default=3.0, help="per route, batch size and loop")
    parser.add_argument("--json", type=Path, default=ROOT / "build/bench-serving.json")
    parser.add_argument("--page", type=Path, help="a page to write as well")
    options = parser.parse_args()
    if shutil.which("java") is None:
        parser.error("there is no Java on PATH")
    bench = Bench(options.models, options.model, options.output, options.seconds)
    asyncio.run(bench.run())
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"found": bench.found, "absent": bench.absent}, indent=1) + "\n")
    text = page(bench.found, bench.absent, options.model, len(bench.requests[0].types), options.seconds)
    if options.page:
        options.page.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
