"""The cases: requests with the answers that every host has to give, in YAML, so that any language can read them.

A file of `tests/hosts/cases` has a `world`, which says what runs, and its `cases`. Scores are written as the bits of a
double, in hexadecimal.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

FOLDER = Path(__file__).parent / "cases"
_TIMEOUT_S = 60.0
_LOOKED_AT = (
    "user_id", "source", "reason", "model", "version", "engine", "unknown_items", "seen_items", "unscored_items",
    "seen_share",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """What runs while cases are asked.

    Attributes:
        name: The file's.
        models: `fixture`, models written by hand, or `demo`, the published ones.
        store: Contents written out as in `store.yaml`, or `demo`, the films of MovieLens.
        down: What is killed once all hosts serve: `sidecar`, `store`, both, or nothing.
        cases: What is asked.
        project: TOML that the project file of `fixture` ends with.
        batch: The answers computed ahead, in place of those of the store's contents; None for those.
        late: Items as in the store's contents, which come into the store once all hosts serve.
    """

    name: str
    models: str
    store: str
    down: tuple[str, ...]
    cases: tuple[dict[str, Any], ...]
    project: str = ""
    batch: dict[str, Any] | None = None
    late: dict[str, list[Any]] | None = None


def read_worlds() -> list[World]:
    """Reads all files of cases."""
    worlds = []
    for path in sorted(FOLDER.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        world = raw["world"]
        names = [case["name"] for case in raw["cases"]]
        assert len(set(names)) == len(names), f"{path} has two cases of the same name"
        worlds.append(
            World(
                path.stem,
                world["models"],
                world["store"],
                tuple(world.get("down", ())),
                tuple(raw["cases"]),
                world.get("project", ""),
                world.get("batch"),
                world.get("late"),
            )
        )
    return worlds


def write_world(world: World) -> None:
    """Writes a file of cases."""
    described: dict[str, Any] = {"models": world.models, "store": world.store}
    if world.down:
        described["down"] = list(world.down)
    if world.project:
        described["project"] = world.project
    if world.batch is not None:
        described["batch"] = world.batch
    if world.late is not None:
        described["late"] = world.late
    text = yaml.safe_dump(
        {"world": described, "cases": list(world.cases)}, sort_keys=False, width=140, allow_unicode=True
    )
    (FOLDER / f"{world.name}.yaml").write_text(text, encoding="utf-8")


def ask(address: str, request: dict[str, Any]) -> dict[str, Any]:
    """Asks a host, and returns its answer in the form of a case's `expect`.

    Args:
        address: The host's.
        request: `post`, a body, or text that is no JSON, whose candidates stand there `times` over; or `get`, a path
            with its query. And `headers`.
    """
    headers = request.get("headers", {})
    body = request.get("post")
    if "times" in request:
        body = {**body, "candidates": body["candidates"] * request["times"]}
    with httpx.Client(base_url=address, timeout=_TIMEOUT_S, trust_env=False) as client:
        if "get" in request:
            response = client.get(request["get"], headers=headers)
        elif isinstance(body, str):
            headers = {"content-type": "application/json", **headers}
            response = client.post("/v1/recommendations", content=body, headers=headers)
        else:
            response = client.post("/v1/recommendations", json=body, headers=headers)
    said = response.json()
    if response.status_code != 200:
        error = said["error"]
        return {"status": response.status_code, "code": error["code"], "field": error["field"]}
    items = [[item["item_id"], item["title"], _bits(item["score"])] for item in said["items"]]
    return {"status": 200, **{name: said[name] for name in _LOOKED_AT}, "items": items}


def _bits(score: float | None) -> str | None:
    return None if score is None else struct.pack(">d", score).hex()


def difference(expected: dict[str, Any], got: dict[str, Any]) -> str | None:
    """Returns what is not as expected; None where all is. A list of reasons is a choice of them."""
    wrong = []
    for name, value in expected.items():
        found = got.get(name, "nothing")
        choice = value if name == "reason" and isinstance(value, list) else [value]
        if found not in choice:
            wrong.append(f"{name} is {found!r}, not {value!r}")
    return "; ".join(wrong) or None
