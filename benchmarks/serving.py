"""What a call to the sidecar costs, by transport and encoding: one run, one table.

Every request is encoded beforehand and every reply is decoded, so that the transports are compared and not the clients'
encoders. Closed loop: one caller that waits for each answer. Open loop: calls begin at fixed times, at a share of the
closed loop's rate, and each is timed from when it should have begun, so that a stall counts for all that it delays.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/conformance"))

from conformance_models import write_models  # noqa: E402
from conformance_protocol import Protocol  # noqa: E402

from pillion.config import SidecarSettings  # noqa: E402
from pillion.scoring import ScoreRequest, v2  # noqa: E402
from pillion.scoring.connections import Connections, Endpoint  # noqa: E402
from pillion.scoring.jvm import open_model  # noqa: E402
from pillion.scoring.sidecar_process import SidecarProcess  # noqa: E402
from pillion.scoring.tensors import packed_texts, tensors  # noqa: E402

ROWS = (1, 10, 100, 1000)
JAR = ROOT / "jvm-sidecar/server/target/pillion-sidecar.jar"
TICKS = os.sysconf("SC_CLK_TCK")
OPEN_SHARE = 0.5
Call = Callable[[], Awaitable[None]]


def cpu_s(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def percentiles(seconds: list[float]) -> dict[str, float]:
    """The table's percentiles, in milliseconds."""
    p50, p99, p999 = np.percentile(np.array(seconds) * 1e3, [50, 99, 99.9])
    return {"p50_ms": float(p50), "p99_ms": float(p99), "p999_ms": float(p999)}


async def closed(call: Call, pid: int | None, seconds: float) -> dict[str, float]:
    """One caller, which waits for each answer."""
    warm = time.perf_counter() + seconds / 4
    while time.perf_counter() < warm:
        await call()
    times: list[float] = []
    cpu, start = cpu_s(pid) if pid else 0.0, time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 100:
        begin = time.perf_counter()
        await call()
        times.append(time.perf_counter() - begin)
    wall = time.perf_counter() - start
    used = (cpu_s(pid) - cpu) / len(times) * 1e3 if pid else float("nan")
    return {**percentiles(times), "per_s": len(times) / wall, "cpu_ms": used, "calls": len(times)}


async def opened(call: Call, per_s: float, seconds: float) -> dict[str, float]:
    """Calls that begin at fixed times, whether or not those before were answered; timed from when they were due."""
    times: list[float] = []

    async def one(due: float) -> None:
        await call()
        times.append(time.perf_counter() - due)

    start = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()
    for number in range(max(50, int(per_s * seconds))):
        due = start + number / per_s
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return percentiles(times)


def http_call(connections: Connections, request: ScoreRequest, binary: bool) -> Call:
    """A call over HTTP; numbers as bytes or as JSON."""
    path = f"/v2/models/{request.model}/infer"
    body, length = v2.encode_binary(request) if binary else (v2.encode(request), 0)
    headers = {"inference-header-content-length": str(length)} if binary else {"content-type": "application/json"}

    async def call() -> None:
        reply = await connections.call("POST", path, headers, body)
        header = reply.headers.get("inference-header-content-length")
        v2.decode(reply.body, request, int(header) if header else None)

    return call


def grpc_call(channel: "grpc.aio.Channel", request: ScoreRequest, protocol: Protocol) -> Call:
    """A call over gRPC with raw contents."""
    infer = protocol.message("inference.ModelInferRequest")
    answer = protocol.message("inference.ModelInferResponse")
    message = infer(model_name=request.model)
    for tensor in tensors(request):
        data, missing = tensor.data, tensor.missing
        if not isinstance(data, bytes):
            data, missing = packed_texts(data)
        made = message.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=[tensor.rows])
        if tensor.context:
            made.parameters["context"].bool_param = True
        if missing:
            made.parameters["missing_rows"].string_param = missing
        message.raw_input_contents.append(data)
    for name in request.outputs:
        message.outputs.add(name=name)
    message.parameters["on_row_error"].string_param = "null"
    sent = message.SerializeToString()
    method = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")

    async def call() -> None:
        reply = answer.FromString(await method(sent))
        for raw in reply.raw_output_contents:
            np.frombuffer(raw, dtype="<f8")

    return call


def in_process(document: bytes, columns: dict[str, list[Any]], rows: int) -> Call:
    """A call of the engine in this process."""
    model = open_model(document, "auto", JAR)

    async def call() -> None:
        model.score(columns, rows)

    return call


def _await_addresses(process: SidecarProcess, count: int) -> None:
    """The first line says that the sidecar is ready; those of its other addresses follow at once."""
    deadline = time.monotonic() + 60
    while len(process.addresses) < count and time.monotonic() < deadline:
        time.sleep(0.05)


async def measure(folder: Path, model: str, output: str, seconds: float) -> list[dict[str, Any]]:
    """Starts a sidecar and times every route with every batch size."""
    version = max((folder / model).iterdir(), key=lambda path: int(path.name) if path.name.isdigit() else 0)
    manifest = json.loads((version / "manifest.json").read_text())
    types = {field["name"]: field["type"] for field in manifest["contract"]["inputs"]}
    lines = [json.loads(line)["input"] for line in (version / "verification.jsonl").read_text().splitlines()]
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    process = SidecarProcess(SidecarSettings(jar=JAR, models=folder, start_timeout_s=180), uds=run / "s")
    http = process.start()
    _await_addresses(process, 3)
    named = dict(line.split(" ", 1) for line in process.addresses)
    protocol = Protocol(ROOT / "jvm-sidecar/server/src/main/proto", ROOT / "build/conformance")
    tcp = Connections(Endpoint.parse(http), 64)
    uds = Connections(Endpoint.parse(f"unix:{run / 's'}"), 64)
    options = [("grpc.max_receive_message_length", -1)]
    channels = [
        grpc.aio.insecure_channel(address, options=options) for address in (named["sidecar-grpc"], f"unix:{run / 's'}")
    ]
    found: list[dict[str, Any]] = []
    try:
        for rows in ROWS:
            table = [lines[row % len(lines)] for row in range(rows)]
            columns = {name: [row.get(name) for row in table] for name in types}
            request = ScoreRequest(model, types, columns, rows, (output,))
            routes: dict[str, Call] = {
                "in process, JPype": in_process((version / "model.pmml").read_bytes(), columns, rows),
                "Unix socket, binary": http_call(uds, request, True),
                "Unix socket, JSON": http_call(uds, request, False),
                "Unix socket, gRPC": grpc_call(channels[1], request, protocol),
                "TCP, binary": http_call(tcp, request, True),
                "TCP, JSON": http_call(tcp, request, False),
                "TCP, gRPC": grpc_call(channels[0], request, protocol),
            }
            for name, call in routes.items():
                pid = None if "process" in name else process.pid
                one = {"route": name, "rows": rows, **await closed(call, pid, seconds)}
                if pid:
                    late = await opened(call, OPEN_SHARE * one["per_s"], seconds)
                    one |= {f"open_{key}": value for key, value in late.items()}
                found.append(one)
                print(
                    f"{rows:5d} rows  {name:22s} p50 {one['p50_ms']:8.3f} ms  p99 {one['p99_ms']:8.3f} ms",
                    file=sys.stderr,
                )
    finally:
        await tcp.close()
        await uds.close()
        for channel in channels:
            await channel.close()
        process.stop()
    return found


def page(found: list[dict[str, Any]], model: str) -> str:
    """The table, as a page of the documentation."""
    lines = [
        "# What a call to the sidecar costs",
        "",
        f"Written by `make bench-serving`: model `{model}`, Python {platform.python_version()},"
        f" {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end. Compare within the page only:"
        " ratios are to the Unix socket with binary tensors and the same rows.",
        "",
        "Closed loop: one caller. Open loop: calls begin at fixed times, at half the closed loop's rate, and are timed"
        " from when they were due. CPU is the sidecar's, per request.",
        "",
        "| rows | route | ratio of p50 | p50 ms | p99 ms | p99.9 ms | requests/s | CPU ms "
        "| open p50 | open p99 | open p99.9 |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    base = {one["rows"]: one["p50_ms"] for one in found if one["route"] == "Unix socket, binary"}
    for one in found:
        late = [f"{one[k]:.3f}" if k in one else "–" for k in ("open_p50_ms", "open_p99_ms", "open_p999_ms")]
        cpu = "–" if one["cpu_ms"] != one["cpu_ms"] else f"{one['cpu_ms']:.2f}"
        lines.append(
            f"| {one['rows']} | {one['route']} | {one['p50_ms'] / base[one['rows']]:.2f} | {one['p50_ms']:.3f} | "
            f"{one['p99_ms']:.3f} | {one['p999_ms']:.3f} | {one['per_s']:.0f} | {cpu} | {' | '.join(late)} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Runs the benchmark; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, help="model repository; else a small logistic regression, written anew")
    parser.add_argument("--model", default="ranker")
    parser.add_argument("--output", default="probability(1)")
    parser.add_argument("--seconds", type=float, default=3.0, help="per route, batch size and loop")
    parser.add_argument("--json", type=Path, default=ROOT / "build/bench-serving.json")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/benchmarks-serving.md")
    options = parser.parse_args()
    folder = options.models or write_models(Path(tempfile.mkdtemp(prefix="pillion-models-")))
    found = asyncio.run(measure(folder, options.model, options.output, options.seconds))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n")
    text = page(found, options.model)
    options.page.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
