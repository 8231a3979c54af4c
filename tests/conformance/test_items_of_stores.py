"""Items in memory from each kind of store: over TLS, by a user who may only read, from a cluster, behind Sentinels."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from pillion.config import StoreSettings
from tests.conformance.items_stack import Stack, stack
from tests.conformance.models import write_models
from tests.conformance.store_items import SCORES, publish
from tests.support.store_servers import (
    cluster,
    cluster_url,
    port_of,
    redis_server,
    sentinels,
    until_copied,
)
from tests.support.tls import Authority

pytestmark = pytest.mark.process
CATALOG = 20_000


@contextmanager
def reading(jar: Path, folder: Path, settings: StoreSettings) -> Iterator[Stack]:
    with stack(jar, write_models(folder / "models"), settings) as started:
        yield started


def test_tls_is_spoken_to_a_store_that_the_authority_signed_and_to_no_other(jar: Path, tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")

    with redis_server(authority=authority) as port:
        ours = StoreSettings(url=f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority.file}")
        publish(ours, SCORES)
        with reading(jar, tmp_path, ours) as reached:
            assert reached.metadata()["items"] == len(SCORES)
        theirs = StoreSettings(url=f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={stranger.file}")
        with stack(jar, tmp_path / "models", theirs) as refused:
            assert "certification path" in refused.by_json(list="*")["error"]


def test_a_user_who_may_only_read_is_enough(jar: Path, tmp_path: Path) -> None:
    with redis_server("--user", "reader", "on", ">se/cret", "~*", "+@read", "+@connection") as port:
        publish(StoreSettings(url=f"redis://127.0.0.1:{port}/0"), SCORES)
        settings = StoreSettings(url=f"redis://reader@127.0.0.1:{port}/0", password=SecretStr("se/cret"))
        with reading(jar, tmp_path, settings) as reached:
            assert reached.metadata()["items"] == len(SCORES)


def test_the_items_of_a_cluster_are_read_from_all_its_nodes(jar: Path, tmp_path: Path) -> None:
    with cluster() as nodes:
        settings = StoreSettings(url=cluster_url(nodes))
        publish(settings, {item: item / CATALOG for item in range(CATALOG)})
        with reading(jar, tmp_path, settings) as reached:
            best = reached.by_json(list="*", k=3)
            told = reached.metadata()

    assert (best["items"], best["candidates"]) == ([CATALOG - 1, CATALOG - 2, CATALOG - 3], CATALOG)
    assert told["items"] == CATALOG


def test_a_failover_of_sentinels_is_followed(jar: Path, tmp_path: Path) -> None:
    with sentinels() as (ports, master, replica):
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        settings = StoreSettings(url=f"redis+sentinel://{hosts}/features/0")
        publish(settings, SCORES)
        with reading(jar, tmp_path, settings) as reached:
            assert reached.metadata()["feature_version"] == 1
            until_copied(master)
            os.kill(master.pid, signal.SIGKILL)
            reached.wait(lambda: "pillion_items_stale 1.0" in reached.metrics(), "the master to be missed")
            reached.wait(lambda: "pillion_items_stale 0.0" in reached.metrics(), "the replica to be asked")
            version = publish(StoreSettings(url=f"redis://127.0.0.1:{port_of(replica.url)}/0"), SCORES)
            reached.wait(lambda: reached.metadata().get("feature_version") == version, "a version of the new master")
