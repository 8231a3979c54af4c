"""Requests in the V2 dialect: tensors, a good request for the ranker in JSON and in bytes, and how they are posted."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import requests

from tests.conformance.sidecar import Addresses

COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "rate": ("FP64", [1.0, 2.0]),
    "item_score": ("FP64", [0.5, 0.25]),
    "device": ("BYTES", ["tv", "mobile"]),
    "hour": ("INT64", [3, 4]),
}
RAW = {
    "rate": struct.pack("<2d", 1, 2),
    "item_score": struct.pack("<2d", 0.5, 0.25),
    "device": b"\x02\x00\x00\x00tv\x06\x00\x00\x00mobile",
    "hour": struct.pack("<2q", 3, 4),
}


def tensor(name: str, datatype: str, data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [len(data)], "data": data}


CONTEXT = [tensor("rate", "FP64", [1.5]), tensor("device", "BYTES", ["tv"]), tensor("hour", "INT64", [7])]


def json_request() -> dict[str, Any]:
    return {"inputs": [tensor(name, datatype, list(data)) for name, (datatype, data) in COLUMNS.items()]}


def post(
    sidecar: Addresses,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    path: str = "/v2/models/ranker/infer",
) -> requests.Response:
    return requests.post(f"http://{sidecar.http}{path}", data=body, headers=headers, timeout=120)


def post_json(address: str, path: str, body: Any) -> Any:
    """Returns the answer's JSON, with `status` where it is an error."""
    response = requests.post(f"http://{address}{path}", json.dumps(body), headers={"X-Request-Id": "r"}, timeout=60)
    return response.json() if response.ok else {"status": response.status_code, **response.json()}


def ranked(address: str, scores: list[Any], path: str = "/v2/models/ranker/rank", **options: Any) -> Any:
    candidates = [tensor("item_score", "FP64", scores)]
    return post_json(address, path, {"context": CONTEXT, "candidates": candidates, **options})
