"""The request log: whose requests are in it, its bounds, and that it keeps nobody waiting."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pillion.config import WatchSettings
from pillion.errors import ConfigurationError
from pillion.features import Catalog
from pillion.watch import RequestLog, log_files, read_log
from tests.support.watched import catalog_with, scored

CONTEXT = {"user_rate": 0.5, "hour": 3}


@pytest.fixture
async def catalog() -> Catalog:
    return await catalog_with()


def log_with(folder: Path, **changes: Any) -> RequestLog:
    return RequestLog(folder, WatchSettings(**{"log_share": 1.0, **changes}), lambda: 1_700_000_000.0)


async def test_a_request_is_logged_as_it_was_scored(tmp_path: Path, catalog: Catalog) -> None:
    log = log_with(tmp_path)
    log.note(scored(catalog, CONTEXT, user_id=42, sent={2: {"item_score": 0.75}}))
    await log.close()
    (found,) = read_log(log_files(tmp_path)[0])

    assert (found.model, found.version, found.engine, found.feature_version) == ("ranker", 1, "compiled", 1)
    assert (found.context, found.candidates, found.items) == (CONTEXT, (3, 1, 2), (2, 3))
    assert (found.scores, found.sent, found.served, found.k) == ((0.5, 0.25), {2: {"item_score": 0.75}}, 1, 2)
    assert found.at == 1_700_000_000.0
    assert len(found.user) == 32
    assert log.counts.written == 1


async def test_items_have_their_own_ids_where_these_are_text(tmp_path: Path) -> None:
    catalog = await catalog_with(text_ids=True)
    log = log_with(tmp_path)
    log.note(scored(catalog, CONTEXT, user_id="名", candidates=[0, 1], answer=[1], scores=[0.5]))
    await log.close()
    (found,) = read_log(log_files(tmp_path)[0])

    assert found.candidates == tuple(catalog.numbers.names or ())[:2]
    assert found.items == found.candidates[1:]


async def test_a_share_of_the_users_is_logged_with_all_of_their_requests(tmp_path: Path, catalog: Catalog) -> None:
    log = log_with(tmp_path, log_share=0.25, log_queue=10_000)
    for user in range(400):
        for _ in range(3):
            log.note(scored(catalog, CONTEXT, user_id=user))
    await log.close()
    found = list(read_log(log_files(tmp_path)[0]))
    users = [request.user for request in found]

    assert 60 <= len(set(users)) <= 140
    assert {users.count(user) for user in users} == {3}
    assert found[-1].served <= 1200
    assert found[0].served < found[-1].served


async def test_no_share_logs_nobody_and_all_share_everybody(tmp_path: Path, catalog: Catalog) -> None:
    none, everybody = log_with(tmp_path / "none", log_share=0.0), log_with(tmp_path / "all", log_share=1.0)
    for user in range(50):
        none.note(scored(catalog, CONTEXT, user_id=user))
        everybody.note(scored(catalog, CONTEXT, user_id=user))
    await none.close()
    await everybody.close()

    assert (none.counts.written, everybody.counts.written) == (0, 50)


async def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path, catalog: Catalog) -> None:
    users = []
    for _ in range(2):
        log = log_with(tmp_path)
        log.note(scored(catalog, CONTEXT, user_id=42))
        await log.close()
    for path in log_files(tmp_path):
        users += [request.user for request in read_log(path)]

    assert users[0] == users[1]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in log_files(tmp_path)} == {0o600}


async def test_a_key_of_ones_own_is_read(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "mine").write_text("secret\n")
    log = log_with(tmp_path / "log", log_key_file=tmp_path / "mine")
    await log.close()

    assert not (tmp_path / "log" / "key").exists()
    (tmp_path / "mine").write_text("two words")
    with pytest.raises(ConfigurationError, match="no single word in the file of the key of the request log"):
        log_with(tmp_path / "log", log_key_file=tmp_path / "mine")


async def test_the_log_never_takes_more_than_its_bound(tmp_path: Path, catalog: Catalog) -> None:
    log = log_with(tmp_path, log_files=3, log_file_bytes=4096, log_queue=10_000)
    for number in range(300):
        log.note(scored(catalog, {**CONTEXT, "hour": number}))
    await log.close()
    files = log_files(tmp_path)

    assert len(files) == 3
    assert all(path.stat().st_size <= 4096 for path in files)
    assert [request.context["hour"] for request in read_log(files[-1])][-1] == 299
    assert log.counts.written == 300


async def test_a_file_that_another_worker_removed_is_begun_anew(tmp_path: Path, catalog: Catalog) -> None:
    log = log_with(tmp_path)
    log.note(scored(catalog, CONTEXT))
    while not log.counts.written:
        os.sched_yield()
    log_files(tmp_path)[0].unlink()
    log.note(scored(catalog, CONTEXT))
    await log.close()

    assert len(list(read_log(log_files(tmp_path)[0]))) == 1


class Stuck(dict[str, Any]):
    """A context that its writer can't read before it is told to go on."""

    def __init__(self) -> None:
        super().__init__(CONTEXT)
        self.reached, self.go_on = threading.Event(), threading.Event()

    def items(self) -> Any:
        self.reached.set()
        self.go_on.wait()
        return super().items()


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    found = Stuck()
    yield found
    found.go_on.set()


async def test_a_queue_that_is_full_drops_and_counts(tmp_path: Path, catalog: Catalog, stuck: Stuck) -> None:
    log = log_with(tmp_path, log_queue=2)
    log.note(scored(catalog, stuck))
    assert stuck.reached.wait(60)
    for _ in range(5):
        log.note(scored(catalog, CONTEXT))
    dropped = log.counts.dropped
    stuck.go_on.set()
    await log.close()

    assert dropped == 3
    assert [request.served for request in read_log(log_files(tmp_path)[0])] == [1, 2, 3]


async def test_what_cannot_be_written_is_counted_and_the_next_is_written(
    tmp_path: Path, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    log = log_with(tmp_path, log_file_bytes=4096)
    log.note(scored(catalog, {"plan": "\ud800"}))
    log.note(scored(catalog, {"plan": "x" * 5000}))
    log.note(scored(catalog, CONTEXT))
    await log.close()

    assert (log.counts.failed, log.counts.written) == (2, 1)
    assert caplog.text.count("could not be logged") == 1


def test_a_folder_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match=r"requests cannot be logged in .*file/log"):
        log_with(tmp_path / "file" / "log")
