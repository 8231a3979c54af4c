"""Compressed bodies over HTTP, in a small heap: what they hold is scored, and what they would grow to is bounded."""

import gzip
import http.client
import json
import shutil
import socket
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pillion.config import JVM_OPTIONS, SidecarSettings
from tests.conformance.models import write_models
from tests.conformance.sidecar import Addresses, running
from tests.conformance.v2 import COLUMNS, CONTEXT, RAW, json_request, tensor

pytestmark = pytest.mark.process

INFER, RANK = "/v2/models/ranker/infer", "/v2/models/ranker/rank"
DIALECT = "/openscoring/model/ranker"
RECORD = {"rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3}
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
WBITS = {"gzip": 31, "deflate": 15}
BOMB = 1 << 30
AT_ONCE = 12
SHORTEST = 1024
"""Bytes of the shortest answer that is compressed."""

Ask = Callable[..., tuple[int, Mapping[str, str], bytes]]


@pytest.fixture(scope="module")
def small(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A sidecar with the heap of a pod with a gibibyte."""
    models = write_models(tmp_path_factory.mktemp("models"))
    options = (*JVM_OPTIONS, "-Xmx614m", "-XX:+ExitOnOutOfMemoryError")
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    try:
        settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0, jvm_options=options)
        with running(settings, uds=run / "s") as addresses:
            yield addresses
    finally:
        shutil.rmtree(run, ignore_errors=True)


class UnixConnection(http.client.HTTPConnection):
    """HTTP/1.1 over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("sidecar", timeout=120)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@pytest.fixture(params=["tcp", "unix"])
def ask(small: Addresses, request: pytest.FixtureRequest) -> Ask:
    """Posts a body; returns status, headers and body."""

    def post(path: str, body: bytes, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        tcp = request.param == "tcp"
        made = http.client.HTTPConnection(small.http, timeout=120) if tcp else UnixConnection(small.uds)
        sent = {name.replace("_", "-"): value.encode() for name, value in headers.items()}
        try:
            made.request("POST", path, body, sent)
            answer = made.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            made.close()

    return post


def sentence(body: bytes) -> str:
    return str(json.loads(body)["error"])


def binary_request() -> tuple[bytes, dict[str, str]]:
    inputs = [
        {"name": name, "datatype": kind, "shape": [2], "parameters": {"binary_data_size": len(RAW[name])}}
        for name, (kind, _) in COLUMNS.items()
    ]
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return head + b"".join(RAW[name] for name in COLUMNS), {"Inference_Header_Content_Length": str(len(head))}


def rank_request(rows: int) -> bytes:
    candidates = [tensor("item_score", "FP64", [number / rows for number in range(rows)])]
    return json.dumps({"k": rows, "context": CONTEXT, "candidates": candidates}).encode()


BODIES: dict[str, Callable[[], tuple[str, bytes, dict[str, str]]]] = {
    "infer": lambda: (INFER, json.dumps(json_request()).encode(), {}),
    "infer, binary": lambda: (INFER, *binary_request()),
    "rank": lambda: (RANK, rank_request(200), {}),
    "openscoring": lambda: (DIALECT, json.dumps({"arguments": RECORD}).encode(), {}),
    "openscoring batch": lambda: (
        f"{DIALECT}/batch",
        json.dumps({"requests": [{"arguments": RECORD}] * 50}).encode(),
        {},
    ),
    "openscoring CSV": lambda: (
        f"{DIALECT}/csv",
        (",".join(RECORD) + "\n" + "\n".join(",".join(map(str, RECORD.values())) for _ in range(50))).encode(),
        {"Content_Type": "text/plain"},
    ),
}


def without_times(body: bytes, headers: Mapping[str, str]) -> Any:
    """What an answer says, apart from how long it took."""
    if headers["content-type"].startswith("text/plain"):
        return body
    length = int(headers.get("inference-header-content-length", len(body)))
    said = json.loads(body[:length])
    said.pop("parameters", None)
    return said, body[length:]


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("name", BODIES)
def test_a_compressed_body_has_the_answer_of_a_plain_one(ask: Ask, name: str, coding: str) -> None:
    path, body, headers = BODIES[name]()
    plain = ask(path, body, **headers)
    assert plain[0] == 200, plain

    packed = ask(path, PACK[coding](body), **headers, Content_Encoding=coding, Accept_Encoding=coding)

    assert packed[0] == 200, packed
    assert "content-encoding" not in plain[1]
    coded = packed[1].get("content-encoding")
    assert coded == (coding if len(plain[2]) >= SHORTEST else None)
    unpacked = UNPACK[coding](packed[2]) if coded else packed[2]
    assert without_times(unpacked, packed[1]) == without_times(plain[2], plain[1])


def test_long_answers_are_among_them(ask: Ask) -> None:
    status, headers, body = ask(RANK, rank_request(200), Accept_Encoding="br;q=1.0, gzip;q=0.8, *;q=0.1")

    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert len(json.loads(gzip.decompress(body))["scores"]) == 200


def bomb(coding: str) -> bytes:
    """A gibibyte of zeros in a megabyte."""
    packer = zlib.compressobj(wbits=WBITS[coding])
    part = bytes(16 << 20)
    packed = b"".join(packer.compress(part) for _ in range(BOMB // len(part))) + packer.flush()
    assert len(packed) < 1.1 * (1 << 20)
    return packed


@pytest.mark.parametrize("coding", PACK)
def test_a_body_that_grows_is_refused_with_the_numbers(ask: Ask, coding: str) -> None:
    sent = bomb(coding)

    for path in (INFER, RANK):
        status, _, body = ask(path, sent, Content_Encoding=coding)
        assert status == 413, body
        assert sentence(body).startswith("the body is longer than ")
        assert sentence(body).endswith(f" once it is unpacked: {len(sent)} bytes of {coding} are more; see --max-body")
    status, _, body = ask(f"{DIALECT}/csv", sent, Content_Encoding=coding, Content_Type="text/plain")
    assert (status, f"{len(sent)} bytes of {coding}" in json.loads(body)["message"]) == (413, True)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(lambda _: ask(INFER, sent, Content_Encoding=coding)[0], range(AT_ONCE)))
    assert set(statuses) <= {413, 503}
    assert ask(INFER, json.dumps(json_request()).encode())[0] == 200


def good(coding: str) -> bytes:
    return PACK[coding](json.dumps(json_request()).encode())


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda packed: packed[:-1], "the body is {} that is cut short"),
        (lambda packed: packed[: len(packed) // 2], "the body is {} that is cut short"),
        (lambda packed: packed[:1], "the body is {} that is cut short"),
        (lambda packed: packed[:-4] + bytes(4), "the body is not valid {}: "),
        (lambda packed: packed + b"more", "the body is not valid {}: other bytes follow it"),
        (lambda packed: b'{"inputs": []}', "the body is not valid {}: "),
        (lambda packed: b"", "the body is not a JSON object"),
    ],
)
def test_a_broken_body_is_refused_with_a_sentence(
    ask: Ask, coding: str, spoil: Callable[[bytes], bytes], said: str
) -> None:
    status, _, body = ask(INFER, spoil(good(coding)), Content_Encoding=coding)

    assert (status, sentence(body).startswith(said.format(coding))) == (400, True), body
    assert ask(INFER, good(coding), Content_Encoding=coding)[0] == 200


@pytest.mark.parametrize("named", ["br", "zstd", "compress", "gzip, deflate", "gzip, gzip", "gzip;q=1", "", "\u00e9"])
def test_what_is_not_read_is_said_with_what_is(ask: Ask, named: str) -> None:
    for path, member in ((INFER, "error"), (DIALECT, "message")):
        status, headers, body = ask(path, good("gzip"), Content_Encoding=named)

        assert (status, headers["accept-encoding"]) == (415, "gzip, deflate, identity"), body
        assert "but one of gzip, deflate, identity is read" in json.loads(body)[member]


@pytest.mark.parametrize(("named", "sent"), [("GZIP", "gzip"), ("x-gzip", "gzip"), ("Deflate", "deflate")])
def test_names_that_mean_the_same_are_read(ask: Ask, named: str, sent: str) -> None:
    assert ask(INFER, good(sent), Content_Encoding=named)[0] == 200


def test_the_header_that_splits_a_body_counts_unpacked_bytes(ask: Ask) -> None:
    body, _ = binary_request()
    said: Any = {"Inference_Header_Content_Length": str(len(body) + 1)}

    status, _, answer = ask(INFER, gzip.compress(body), Content_Encoding="gzip", **said)

    assert (status, f"the body has {len(body)} bytes" in sentence(answer)) == (400, True)
