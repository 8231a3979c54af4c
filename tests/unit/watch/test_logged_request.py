"""Logged requests: what is written comes back to the bit, and what is none is named."""

import json
import math
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pillion.errors import ConfigurationError, InvalidInput
from pillion.watch import LoggedRequest, hash_user, log_files, read_log

ODD = 0.1 + 0.2
REQUEST = LoggedRequest(
    7, 1_700_000_000.25, "ab" * 16, "ranker", 3, "compiled", 12, 2,
    {"rate": ODD, "none": None, "text": "ü\u2028\n\"\\ 名", "nan": math.nan, "inf": math.inf, "low": -math.inf,
     "zero": -0.0, "big": 2**63 - 1, "yes": True, "spelled": "NaN"},
    (2**63 - 1, 5, 9), (9, 5), (5e-324, -0.0), {5: {"beds": 3, "wide": math.nan}},
)  # fmt: skip


def written(folder: Path, *lines: bytes) -> Path:
    path = folder / "requests-1.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def bits(value: Any) -> Any:
    return struct.pack("d", value) if isinstance(value, float) else value


def test_a_request_comes_back_to_the_bit(tmp_path: Path) -> None:
    (found,) = read_log(written(tmp_path, REQUEST.to_bytes()))

    assert {name: bits(value) for name, value in found.context.items() if name not in ("nan", "inf", "low")} == {
        name: bits(value) for name, value in REQUEST.context.items() if name not in ("nan", "inf", "low")
    }
    assert [found.context[name] for name in ("nan", "inf", "low")] == ["NaN", "Infinity", "-Infinity"]
    assert list(map(bits, found.scores)) == list(map(bits, REQUEST.scores))
    assert (found.candidates, found.items, found.user, found.feature_version) == (
        REQUEST.candidates, REQUEST.items, REQUEST.user, 12,
    )  # fmt: skip
    assert found.sent == {5: {"beds": 3, "wide": "NaN"}}
    assert (found.file, found.line) == ("requests-1.jsonl", 1)


def test_ids_that_are_text_come_back(tmp_path: Path) -> None:
    request = replace(REQUEST, candidates=("a b", "名"), items=("名", "a b"), sent={"a b": {"beds": None}})
    (found,) = read_log(written(tmp_path, request.to_bytes()))

    assert (found.candidates, found.items, found.sent) == (("a b", "名"), ("名", "a b"), {"a b": {"beds": None}})


def test_scores_that_are_no_finite_numbers_come_back(tmp_path: Path) -> None:
    request = replace(REQUEST, scores=(math.nan, -math.inf))
    (found,) = read_log(written(tmp_path, request.to_bytes()))

    assert math.isnan(found.scores[0])
    assert found.scores[1] == -math.inf


def test_a_last_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, REQUEST.to_bytes(), REQUEST.to_bytes()[:-20])

    assert len(list(read_log(path))) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": 2}, "format 2, but only 1 is known"),
        ({"context": None}, "field 'context': None"),
        ({"version": True}, "field 'version': True"),
        ({"candidates": [1.5]}, "field 'candidates': it holds something that is no id"),
        ({"scores": [0.5]}, "1 scores for 2 items"),
        ({"scores": ["many", 1]}, "cannot be read"),
        ({"sent": [1]}, "cannot be read"),
    ],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    line = json.dumps({**json.loads(REQUEST.to_bytes()), **change}).encode() + b"\n"

    with pytest.raises(InvalidInput, match=f"requests-1.jsonl, line 2.*{complaint}"):
        list(read_log(written(tmp_path, REQUEST.to_bytes(), line)))


def test_what_is_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 1: not JSON"):
        list(read_log(written(tmp_path, b"{\n")))


def test_files_come_in_the_order_of_their_time_and_none_is_refused(tmp_path: Path) -> None:
    for name in ("requests-2-9.jsonl", "requests-10-1.jsonl", "parity.json"):
        (tmp_path / name).touch()

    assert [path.name for path in log_files(tmp_path)] == ["requests-10-1.jsonl", "requests-2-9.jsonl"]
    assert log_files(tmp_path / "parity.json") == [tmp_path / "parity.json"]
    with pytest.raises(ConfigurationError, match="nowhere is no log of requests"):
        log_files(tmp_path / "nowhere")


def test_a_hash_says_nothing_of_the_user_without_the_key() -> None:
    assert hash_user(42, b"k") == hash_user("42", b"k") != hash_user(42, b"l")
    assert len(hash_user("\ud800", b"k" * 200)) == 16
