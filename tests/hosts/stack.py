"""What runs in a world: a store with its contents, a sidecar with its models, and all hosts over them."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from pillion.config import SidecarSettings, StoreSettings
from pillion.features import Assumed, Contents, FeatureTable, keys, load_batch_answers, load_features, read_contents
from pillion.features.redis import RedisStore
from pillion.features.snapshot import read_catalog
from pillion.features.store import StringEntry
from pillion.features.store_process import StoreProcess
from pillion.process import ListeningProcess
from pillion.project import FILE
from pillion.scoring.sidecar_process import SidecarProcess
from tests.hosts.cases import World
from tests.hosts.host import PATIENT, Host
from tests.support.models import write_models
from tools.checkout import JAR, ROOT

_CREATED = 1_700_000_000.0
_READY_S = 60.0


@dataclass(frozen=True)
class Serving:
    """A host that runs: its URL, and its process."""

    address: str
    pid: int


@contextmanager
def running(world: World, hosts: Iterable[tuple[Host, list[str]]], folder: Path) -> Iterator[dict[str, Serving]]:
    """Starts a world and yields the hosts by name, once each has answered from the model.

    What the world says is down is killed then.
    """
    models = ROOT / "pmml-models" if world.models == "demo" else write_models(folder / "models", engine="compiled")
    if world.project:
        with (models / FILE).open("a", encoding="utf-8") as file:
            file.write(world.project)
    with ExitStack() as stack:
        # A path short enough for a socket, however long pytest's own are.
        socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-"))) / "s"
        store = StoreProcess()
        stack.enter_context(store)
        assert store.url is not None
        settings = StoreSettings(url=store.url)
        asyncio.run(fill_store(settings, world.store, world.batch))
        sidecar = SidecarProcess(
            SidecarSettings(jar=JAR, models=models, start_timeout_s=180.0), uds=socket, store=settings
        )
        stack.enter_context(sidecar)
        sidecar.address_of("sidecar-uds")
        serving = {}
        for host, command in hosts:
            environment = {
                **PATIENT,
                "PATH": "/usr/bin:/bin",
                "PILLION_STORE_URL": store.url,
                "PILLION_SIDECAR_ADDRESS": f"unix:{socket}",
                "PILLION_SIDECAR_MODELS": str(models),
                "PILLION_CONFIG": str(models / FILE),
                "PILLION_RECOMMEND_SNAPSHOT_PATH": str(folder / f"{host.name}.snapshot"),
            }
            process = ListeningProcess(host.name, command, host.listener, _READY_S, environment=environment)
            stack.enter_context(process)
            address, pid = process.address_of(host.listener), process.pid
            assert pid is not None
            serving[host.name] = Serving(address, pid)
        for served in serving.values():
            _await_model(served.address, world)
        if world.late is not None:
            asyncio.run(_add_items(settings, world.late))
        for name in world.down:
            if name == "sidecar":
                sidecar.kill()
            else:
                os.kill(store.pid, signal.SIGKILL)
        yield serving


def _await_model(address: str, world: World) -> None:
    """Waits until a host answers from the model."""
    user = next(
        case["request"]["post"]["user_id"] for case in world.cases if isinstance(case["request"].get("post"), dict)
    )
    end = time.monotonic() + _READY_S
    with httpx.Client(base_url=address, timeout=_READY_S, trust_env=False) as client:
        while True:
            said = client.post("/v1/recommendations", json={"user_id": user, "k": 1})
            if said.status_code == 200 and said.json()["source"] == "online":
                return
            assert time.monotonic() < end, f"the model was never asked: {said.text}"
            time.sleep(0.05)


async def fill_store(settings: StoreSettings, name: str, answers: dict[str, Any] | None = None) -> None:
    """Loads the features of the demo, or of a file of `tests/hosts`.

    Args:
        settings: Where the store is.
        name: The file's, or `demo`.
        answers: Those computed ahead, in place of the file's.
    """
    store = RedisStore(settings)
    try:
        if name == "demo":
            await load_features(store, read_contents(ROOT / "data/movielens/contents.npz"), now=lambda: _CREATED)
            return
        raw = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
        version = await load_features(store, _contents(raw), now=lambda: _CREATED)
        batch = raw["batch"] if answers is None else answers
        assumed = Assumed(**batch["assumed"]) if "assumed" in batch else None
        await load_batch_answers(
            store, version, batch["answers"], model=batch["model"], model_version=batch["version"], assumed=assumed,
            now=lambda: _CREATED,
        )  # fmt: skip
    finally:
        await store.close()


async def _add_items(settings: StoreSettings, columns: dict[str, list[Any]]) -> None:
    """Adds items to the version in use, of which the hosts have made their snapshots."""
    store = RedisStore(settings)
    try:
        catalog = await read_catalog(store, 30.0)
        records = zip(*(columns[name] for name in catalog.items.names), strict=True)
        entries = [
            StringEntry(keys.item(catalog.version, item), catalog.items.pack(record))
            for item, record in zip(columns["id"], records, strict=True)
        ]
        await store.write(entries, 30.0)
    finally:
        await store.close()


def _contents(raw: dict[str, Any]) -> Contents:
    items = {name: values for name, values in raw["items"].items() if name != "title"}
    return Contents(
        users=_table(raw["users"]),
        items=_table(items),
        popularity={name: [tuple(pair) for pair in pairs] for name, pairs in raw["popularity"].items()},
        titles=dict(zip(raw["items"]["id"], raw["items"]["title"], strict=True)),
        seen=raw["seen"],
    )


def _table(columns: dict[str, list[Any]]) -> FeatureTable:
    return FeatureTable(columns["id"], {name: values for name, values in columns.items() if name != "id"})
