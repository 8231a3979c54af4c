"""The calls that are timed: each sends a request that was encoded beforehand, and reads the whole answer."""

import subprocess
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import orjson

from pillion.scoring import HttpScorer, ScoreRequest, v2
from pillion.scoring.batch_codec import encode as packed
from pillion.scoring.grpc import decode, encode
from pillion.scoring.jvm import open_model
from tools.benchmarks.loops import Call

HERE = Path(__file__).resolve().parent
INFER = "/inference.GRPCInferenceService/ModelInfer"


def http_call(scorer: HttpScorer, request: ScoreRequest, binary: bool, kept: bool = True) -> Call:
    """A call of V2 over HTTP; numbers as bytes or as JSON, on a connection that is kept or on one of its own."""
    body, length = v2.encode_binary(request) if binary else (v2.encode(request), 0)
    headers = {"inference-header-content-length": str(length)} if binary else {"content-type": "application/json"}
    if not kept:
        headers["connection"] = "close"

    async def call() -> None:
        reply = await scorer.call("POST", f"/v2/models/{request.model}/infer", headers, body)
        header = reply.headers.get("inference-header-content-length")
        v2.decode(reply.body, request, int(header) if header else None)

    return call


def grpc_call(channel: "grpc.aio.Channel", request: ScoreRequest) -> Call:
    """A call of V2 over gRPC with raw contents."""
    sent = encode(request)
    method = channel.unary_unary(INFER)

    async def call() -> None:
        decode(await method(sent), request)

    return call


def dialect_call(scorer: HttpScorer, request: ScoreRequest) -> Call:
    """A call in Openscoring's dialect: one record, or a batch of records."""
    records = [{name: column[row] for name, column in request.columns.items()} for row in range(request.rows)]
    path = f"/openscoring/model/{request.model}"
    if request.rows == 1:
        body = orjson.dumps({"arguments": records[0]})
    else:
        path += "/batch"
        body = orjson.dumps({"requests": [{"arguments": record} for record in records]})

    async def call() -> None:
        reply = await scorer.call("POST", path, {"content-type": "application/json"}, body)
        if reply.status != 200:
            raise RuntimeError(reply.body[:300].decode())
        answer = orjson.loads(reply.body)
        found = answer["responses"] if request.rows > 1 else [answer]
        assert len(found) == request.rows
        missed = [one for one in found if request.outputs[0] not in one.get("results", {})]
        if missed:
            raise RuntimeError(f"{len(missed)} rows have no answer: {missed[0]}")

    return call


def jpype_call(document: bytes, request: ScoreRequest, jar: Path) -> Call:
    """A call of the engine in this process's JVM."""
    model = open_model(document, "auto", jar)

    async def call() -> None:
        model.score(request.columns, request.rows)

    return call


def in_java(
    java: Path, jar: Path, document: Path, request: ScoreRequest, seconds: float, scratch: Path
) -> dict[str, Any]:
    """What a call of the engine costs in a Java host; a program of its own."""
    batch = scratch / f"{request.rows}.packed"
    batch.write_bytes(packed(request.columns, request.types, request.rows))
    command: list[str | Path] = [java, "-cp", jar, HERE / "InProcess.java", document, batch, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    p50, p99, p999, calls, wall, cpu = (float(word) for word in done.stdout.split())
    times = dict(zip(("p50_ms", "p99_ms", "p999_ms"), (np.array([p50, p99, p999]) * 1e-6).tolist(), strict=True))
    return {**times, "per_s": calls / wall, "cpu_ms": cpu / calls * 1e3, "calls": int(calls)}
