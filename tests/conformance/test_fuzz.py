"""What nobody would send: random requests from the OpenAPI document, and random bytes, over HTTP and gRPC.

`PILLION_FUZZ_S` sets how long each part runs; `make fuzz-server` runs it for minutes.
"""

import http.client
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import grpc
import pytest
import requests

from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import RAW, json_request, post

pytestmark = pytest.mark.process

SECONDS = float(os.environ.get("PILLION_FUZZ_S", "3"))
SEED = int(os.environ.get("PILLION_FUZZ_SEED", "20261124"))
QUIET = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNIMPLEMENTED,
}


@pytest.fixture(autouse=True)
def the_next_request_is_served(sidecar: Addresses) -> Iterator[None]:
    yield
    end = time.monotonic() + 60.0
    while True:
        try:
            assert post(sidecar, json.dumps(json_request()).encode()).status_code == 200
        except requests.ConnectionError:
            # Connections that were closed here count there, against the limit, until the sidecar has noticed.
            assert time.monotonic() < end, "the sidecar takes no connection any more"
            time.sleep(0.05)
        else:
            return


def test_the_openapi_document_is_kept(sidecar: Addresses) -> None:
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://{sidecar.http}/v2/openapi.json",
        "--max-examples", str(max(3, int(SECONDS))), "--seed", str(SEED), "--no-color", "--phases", "examples,fuzzing",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--suppress-health-check", "all", "--exclude-path-regex", "^/v2/health/ready$",
    ]  # fmt: skip

    run = subprocess.run(command, capture_output=True, text=True, timeout=120 + 20 * SECONDS)

    assert "Test cases:" in run.stdout, run.stdout[-2000:]
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


def test_the_openapi_document_has_bodies_with_bytes_as_they_are(sidecar: Addresses) -> None:
    described = requests.get(f"http://{sidecar.http}/v2/openapi.json", timeout=60).json()["paths"]
    infer, rank = (described[f"/v2/models/{{model}}/{name}"]["post"] for name in ("infer", "rank"))
    header = "Inference-Header-Content-Length"
    body = json.dumps({**json_request(), "parameters": {"binary_data_output": True}}).encode()

    answer = requests.post(
        f"http://{sidecar.http}/v2/models/ranker/infer",
        body,
        headers={"Content-Type": "application/octet-stream", header: str(len(body))},
        timeout=60,
    )

    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] in infer["responses"]["200"]["content"]
    assert set(infer["responses"]["200"]["headers"]) == {header} <= set(answer.headers)
    assert set(infer["requestBody"]["content"]) == {"application/json", "application/octet-stream"}
    assert header in {given["name"] for given in infer["parameters"]}
    assert set(rank["requestBody"]["content"]) == {"application/json"}
    assert described["/v2/models/{model}/versions/{version}/infer"]["post"]["requestBody"] == infer["requestBody"]


def mutated(random_: random.Random, seed: bytes) -> bytes:
    """The bytes, with a few of them changed, cut out, doubled or replaced by what parsers trip over."""
    data = bytearray(seed)
    for _ in range(random_.randint(1, 6)):
        at = random_.randrange(len(data) + 1)
        kind = random_.randrange(5)
        if kind == 0:
            data[at : at + 1] = bytes([random_.randrange(256)])
        elif kind == 1:
            del data[at : at + random_.randint(1, 20)]
        elif kind == 2:
            data[at:at] = data[at : at + random_.randint(1, 40)]
        elif kind == 3:
            data[at:at] = random_.choice([b"\xff" * 9, b"-1", b"1e999", b"null", b"[[", b"}", b'"', b"\x00", b"NaN"])
        else:
            data[at : at + 8] = random_.randbytes(8)
    return bytes(data)


def test_mutated_bodies_are_answered_with_a_reason(sidecar: Addresses) -> None:
    random_ = random.Random(SEED)
    inputs = [
        {
            "name": t["name"],
            "datatype": t["datatype"],
            "shape": [2],
            "parameters": {"binary_data_size": len(RAW[t["name"]])},
        }
        for t in json_request()["inputs"]
    ]
    head = json.dumps({"inputs": inputs}).encode()
    seeds = [(json.dumps(json_request()).encode(), None), (head + b"".join(RAW.values()), len(head))]
    connection = http.client.HTTPConnection(sidecar.http, timeout=60)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        seed, length = random_.choice(seeds)
        headers = {"Inference-Header-Content-Length": str(length + random_.choice([0, 0, 0, -1, 1]))} if length else {}
        body = mutated(random_, seed)
        connection.request("POST", "/v2/models/ranker/infer", body, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status in (200, 400, 413), (body, headers, answer)
        assert response.status == 200 or json.loads(answer)["error"], body


def test_mutated_messages_are_answered_with_a_reason(sidecar: Addresses, protocol: Protocol) -> None:
    random_ = random.Random(SEED)
    infer = protocol.message("inference.ModelInferRequest")
    contents = protocol.message("inference.InferTensorContents")
    raw, typed = infer(model_name="ranker", id="x"), infer(model_name="ranker")
    for tensor in json_request()["inputs"]:
        raw.inputs.add(name=tensor["name"], datatype=tensor["datatype"], shape=[2])
        raw.raw_input_contents.append(RAW[tensor["name"]])
    typed.inputs.add(name="rate", datatype="FP64", shape=[2], contents=contents(fp64_contents=[1, 2]))
    typed.inputs.add(name="hour", datatype="INT64", shape=[2], contents=contents(int64_contents=[1, 2]))
    seeds = [raw.SerializeToString(), typed.SerializeToString()]
    with grpc.insecure_channel(sidecar.grpc) as channel:
        calls = [
            channel.unary_unary(f"/{name}")
            for name in ("inference.GRPCInferenceService/ModelInfer", "pillion.v1.RankService/Rank")
        ]
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            message = mutated(random_, random_.choice(seeds))
            call = random_.choice(calls).future(message, timeout=60)
            error = call.exception()
            assert error is None or (call.code() in QUIET and call.details()), (message, error)


def test_random_bytes_on_the_wire_hurt_nobody(sidecar: Addresses) -> None:
    random_ = random.Random(SEED)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    host, port = sidecar.http.split(":")
    grpc_port = int(sidecar.grpc.split(":")[1])
    end = time.monotonic() + SECONDS / 2
    while time.monotonic() < end:
        frame = struct.pack(">IBI", random_.randrange(1 << 10) << 8 | random_.randrange(11), random_.randrange(256), 1)
        sent = random_.choice(
            [
                random_.randbytes(random_.randrange(200)),
                b"POST /v2/models/ranker/infer HTTP/1.1\r\nHost: x\r\n" + random_.randbytes(50) + b"\r\n\r\n",
                b"POST /v2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + random_.randbytes(30),
                preface + frame + random_.randbytes(random_.randrange(300)),
            ]
        )
        with socket.create_connection((host, random_.choice([int(port), grpc_port])), timeout=60) as connection:
            connection.sendall(sent)
