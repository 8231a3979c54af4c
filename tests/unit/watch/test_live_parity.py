"""What replays of a log found, as the service reads it."""

from pathlib import Path

import pytest

from pillion.config import WatchSettings
from pillion.project import Project
from pillion.watch import LiveParity, Replayed, Watch, live_parity, note_replay, read_live_parity


def test_a_file_that_is_replayed_again_counts_once(tmp_path: Path) -> None:
    note_replay(tmp_path, "spark", {"a": Replayed(100, 10, {"value": 3}), "b": Replayed(50, 5)}, at=1.0)
    found = note_replay(tmp_path, "spark", {"a": Replayed(100, 10, {"model": 1}, 2)}, at=2.0)

    assert found == read_live_parity(tmp_path) == LiveParity(2.0, "spark", Replayed(150, 15, {"model": 1}, 2))
    assert found.share == 0.1
    assert (tmp_path / live_parity.FILE).stat().st_mode & 0o777 == 0o644


def test_what_files_that_are_gone_had_is_kept_as_a_sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_parity, "_FILES", 2)
    for name in ("a", "b", "c", "d"):
        note_replay(tmp_path, "spark", {name: Replayed(10, 1, {"value": 1})})
    found = read_live_parity(tmp_path)

    assert found is not None
    assert found.found == Replayed(40, 4, {"value": 4})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "at": 1, "files": {"a": {"x": 1}}}']
)
def test_a_file_of_another_form_is_as_none_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / live_parity.FILE).write_bytes(content)

    assert read_live_parity(tmp_path) is None
    assert note_replay(tmp_path, "engine", {"a": Replayed(10, 1)}).found == Replayed(10, 1)


def test_the_watch_reads_it_when_it_changes(tmp_path: Path) -> None:
    watch = Watch(WatchSettings(log_folder=tmp_path), Project())
    before = watch.status().parity
    note_replay(tmp_path, "spark", {"a": Replayed(10, 1)}, at=5.0)
    once = watch.status().parity
    note_replay(tmp_path, "spark", {"b": Replayed(10, 1)}, at=6.0)
    twice = watch.status().parity

    assert before is None
    assert once == LiveParity(5.0, "spark", Replayed(10, 1))
    assert twice == LiveParity(6.0, "spark", Replayed(20, 2))
