"""This package's gRPC client: its messages against protobuf's own library, and what its errors become."""

import asyncio
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import HttpScorer, ScoreRequest, open_scorer
from pillion.scoring.grpc import GrpcScorer, decode, encode
from pillion.types import Repeated, Trace
from tests.conformance.models import ECHO_TYPES, RANKER_TYPES
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

COLUMNS: dict[str, Any] = {
    "rate": [1.5, None, math.nan],
    "item_score": np.array([0.25, 0.5, 0.75]),
    "device": ["tv", None, "é"],
    "hour": Repeated(-7, 3),
}
REQUEST = ScoreRequest("ranker", RANKER_TYPES, COLUMNS, 3, ("probability(1)",), "r1")
PATIENCE_S = 60.0


@pytest.mark.parametrize("contents", ["raw", "typed"])
def test_the_request_is_what_protobufs_own_library_reads(protocol: Protocol, contents: Any) -> None:
    message = protocol.message("inference.ModelInferRequest").FromString(encode(REQUEST, contents))

    assert (message.model_name, message.model_version, message.id) == ("ranker", "", "r1")
    assert message.parameters["on_row_error"].string_param == "null"
    assert [output.name for output in message.outputs] == ["probability(1)"]
    inputs = {tensor.name: tensor for tensor in message.inputs}
    assert {name: (tensor.datatype, list(tensor.shape)) for name, tensor in inputs.items()} == {
        "rate": ("FP64", [3]),
        "item_score": ("FP64", [3]),
        "device": ("BYTES", [3]),
        "hour": ("INT64", [1]),
    }
    assert inputs["rate"].parameters["missing_rows"].string_param == "1"
    assert inputs["device"].parameters["missing_rows"].string_param == "1"
    assert inputs["hour"].parameters["context"].bool_param is True
    if contents == "typed":
        assert not message.raw_input_contents
        assert list(inputs["item_score"].contents.fp64_contents) == [0.25, 0.5, 0.75]
        assert list(inputs["device"].contents.bytes_contents) == [b"tv", b"", "é".encode()]
        assert list(inputs["hour"].contents.int64_contents) == [-7]
    else:
        assert np.frombuffer(message.raw_input_contents[1], "<f8").tolist() == [0.25, 0.5, 0.75]
        assert np.frombuffer(message.raw_input_contents[3], "<i8").tolist() == [-7]


@pytest.mark.parametrize("typed", [True, False])
def test_the_reply_that_protobufs_own_library_writes_is_read(protocol: Protocol, typed: bool) -> None:
    reply = protocol.message("inference.ModelInferResponse")(model_name="m", model_version="4", id="r")
    reply.parameters["engine"].string_param = "compiled"
    columns = {"f": ("FP64", [0.5, 0.0]), "i": ("INT64", [-1, 2**62]), "s": ("BYTES", [b"", b"x"])}
    raw = {
        "f": np.array([0.5, 0.0]).tobytes(),
        "i": np.array([-1, 2**62]).tobytes(),
        "s": bytes(4) + b"\x01\x00\x00\x00x",
    }
    fields = {"FP64": "fp64_contents", "INT64": "int64_contents", "BYTES": "bytes_contents"}
    for name, (datatype, values) in columns.items():
        tensor = reply.outputs.add(name=name, datatype=datatype, shape=[2])
        if name == "f":
            tensor.parameters["missing_rows"].string_param = "1"
        if typed:
            getattr(tensor.contents, fields[datatype]).extend(values)
        else:
            reply.raw_output_contents.append(raw[name])
    scores = decode(reply.SerializeToString(), ScoreRequest("m", {}, {}, 2, ("f", "i", "s"), "r"))

    assert (scores.model_version, scores.engine) == (4, "compiled")
    assert {name: list(column) for name, column in scores.columns.items()} == {
        "f": [0.5, None],
        "i": [-1, 2**62],
        "s": ["", "x"],
    }


@pytest.mark.parametrize("cut", [1, 2, 5, 20])
def test_a_reply_that_is_cut_off_or_anothers_is_an_error(protocol: Protocol, cut: int) -> None:
    reply = protocol.message("inference.ModelInferResponse")(id="other")
    reply.outputs.add(name="p", datatype="FP64", shape=[1]).contents.fp64_contents.append(0.5)
    whole = reply.SerializeToString()
    request = ScoreRequest("m", {}, {}, 1, ("p",))

    assert list(decode(whole, request).columns["p"]) == [0.5]
    with pytest.raises(SidecarError):
        decode(whole[:-cut], request)
    with pytest.raises(SidecarError, match="another request"):
        decode(whole, ScoreRequest("m", {}, {}, 1, ("p",), "mine"))


@pytest.mark.process
@pytest.mark.parametrize("address", ["tcp", "unix"])
@pytest.mark.parametrize("contents", ["raw", "typed"])
async def test_it_scores_over_both_addresses_and_a_trace_travels(
    sidecar: Addresses, address: str, contents: Any
) -> None:
    where = f"http://{sidecar.grpc}" if address == "tcp" else f"unix:{sidecar.uds}"
    scorer = GrpcScorer(SidecarSettings(address=where), contents)
    columns = {**COLUMNS, "rate": [1.5, None, 0.5], "device": ["tv", "mobile", "tv"], "hour": Repeated(20, 3)}
    request = ScoreRequest(
        "ranker", RANKER_TYPES, columns, 3, ("probability(1)",), "r-é", Trace(f"00-{'a' * 32}-{'b' * 16}-01", "x=1")
    )
    try:
        await scorer.ping(PATIENCE_S)
        answers = await asyncio.gather(*(scorer.score(request, PATIENCE_S) for _ in range(40)))
    finally:
        await scorer.close()

    expected = [
        ranker_score(rate, score, device, 20, intercept=-2.0)
        for rate, score, device in zip(columns["rate"], (0.25, 0.5, 0.75), columns["device"], strict=True)
    ]
    for scores in answers:
        assert list(scores.columns["probability(1)"]) == pytest.approx(expected, rel=1e-15)
        assert (scores.model_version, scores.engine) == (2, "jpmml")


@pytest.mark.process
async def test_what_the_sidecar_declines_is_told_with_its_sentence(sidecar: Addresses) -> None:
    scorer = GrpcScorer(SidecarSettings(address=f"unix:{sidecar.uds}"))
    request = ScoreRequest("echo", ECHO_TYPES, {name: [None] for name in ECHO_TYPES}, 1)
    try:
        with pytest.raises(SidecarRefused, match="NOT_FOUND: there is no model 'nobody'"):
            await scorer.score(ScoreRequest("nobody", RANKER_TYPES, COLUMNS, 3), PATIENCE_S)
        with pytest.raises(SidecarRefused, match=r"INVALID_ARGUMENT: .*'zzz' is not an input"):
            await scorer.score(ScoreRequest("ranker", {"zzz": "double"}, {"zzz": [1.0]}, 1), PATIENCE_S)
        with pytest.raises(TimeoutError):
            await scorer.score(request, -1.0)  # No luck of the clock: this deadline has passed already.
        late = await scorer.score(request, PATIENCE_S)
    finally:
        await scorer.close()

    assert late.columns


async def test_a_sidecar_that_says_nothing_is_left_at_the_deadline(tmp_path: Path) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_unix_server(say_nothing, tmp_path / "s")
    scorer = GrpcScorer(SidecarSettings(address=f"unix:{tmp_path}/s"))
    try:
        with pytest.raises(TimeoutError):
            await scorer.score(ScoreRequest("ranker", RANKER_TYPES, COLUMNS, 3), 0.05)
    finally:
        await scorer.close()
        silent.close()


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    for address in (f"unix:{tmp_path}/none", "http://127.0.0.1:9"):
        scorer = GrpcScorer(SidecarSettings(address=address))
        try:
            with pytest.raises(SidecarUnreachable, match="cannot be reached"):
                await scorer.ping(PATIENCE_S)
        finally:
            await scorer.close()


def test_a_setting_chooses_it(tmp_path: Path) -> None:
    unix = f"unix:{tmp_path}/s"

    assert isinstance(open_scorer(SidecarSettings(address=unix, encoding="grpc")), GrpcScorer)
    assert isinstance(open_scorer(SidecarSettings(address=unix)), HttpScorer)
    for address in ("ftp://x", "unix:relative"):
        with pytest.raises(ConfigurationError):
            GrpcScorer(SidecarSettings(address=address))
