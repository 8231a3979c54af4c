"""The rank route, over HTTP and gRPC, against the infer route on the full rows and a sort."""

import math
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import CONTEXT, post_json, ranked, tensor

pytestmark = pytest.mark.process


def inferred(address: str, scores: list[Any]) -> list[float | None]:
    rows = len(scores)
    inputs = [tensor(given["name"], given["datatype"], given["data"] * rows) for given in CONTEXT]
    body = {
        "inputs": [*inputs, tensor("item_score", "FP64", scores)],
        "outputs": [{"name": "probability(1)"}],
        "parameters": {"on_row_error": "null"},
    }
    return post_json(address, "/v2/models/ranker/infer", body)["outputs"][0]["data"]


candidates = st.lists(
    st.tuples(st.sampled_from([None, -0.0, 0.0, 0.25]) | st.floats(-9, 9), st.integers(-50, 50)),
    min_size=1,
    max_size=40,
    unique_by=lambda pair: pair[1],
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(candidates, st.integers(1, 45))
def test_items_have_the_bits_of_infer_and_the_order_of_a_sort(
    sidecar: Addresses, pairs: list[tuple[float | None, int]], k: int
) -> None:
    scores = [score for score, _ in pairs]
    items = [item for _, item in pairs]

    answer = ranked(sidecar.http, scores, k=k, items=items)

    values = inferred(sidecar.http, scores)
    kept = [(value, item) for value, item in zip(values, items, strict=True) if value is not None]
    best = sorted(kept, key=lambda pair: (-pair[0], pair[1]))[:k]
    assert answer["items"] == [item for _, item in best]
    assert answer["scores"] == [value for value, _ in best]
    assert [items[row] for row in answer["rows"]] == answer["items"]
    assert answer["unscored"] == len(pairs) - len(kept)


def test_grpc_gives_the_same_bits(sidecar: Addresses, protocol: Protocol) -> None:
    scores = [0.1, 0.7, math.nan, 0.7, -1e300, 1e-310]
    infer = protocol.message("inference.ModelInferRequest").InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    request = protocol.message("pillion.v1.RankRequest")(
        model_name="ranker",
        id="r-1",
        k=4,
        context=[
            infer(name="rate", datatype="FP64", shape=[1], contents=contents(fp64_contents=[1.5])),
            infer(name="device", datatype="BYTES", shape=[1], contents=contents(bytes_contents=[b"tv"])),
            infer(name="hour", datatype="INT64", shape=[1], contents=contents(int64_contents=[7])),
        ],
        candidates=[infer(name="item_score", datatype="FP64", shape=[6], contents=contents(fp64_contents=scores))],
        item_ids=[60, 50, 40, 30, 20, 10],
    )
    with grpc.insecure_channel(sidecar.grpc) as channel:
        answer = protocol.stub("pillion.v1.RankService", channel).Rank(request, timeout=60)

    other = ranked(sidecar.http, [0.1, 0.7, "NaN", 0.7, -1e300, 1e-310], k=4, items=[60, 50, 40, 30, 20, 10])
    assert (answer.id, answer.model_version) == ("r-1", "2")
    assert list(answer.item_ids) == other["items"] == [30, 50, 60, 10]
    assert list(answer.scores) == other["scores"]
    assert list(answer.rows) == other["rows"]
    assert answer.unscored == other["unscored"]


def test_items_may_have_names_or_be_row_numbers(sidecar: Addresses) -> None:
    assert ranked(sidecar.http, [0.1, 0.9, 0.9], k=2, items=["z", "b", "a"])["items"] == ["a", "b"]
    assert ranked(sidecar.http, [0.1, 0.9, 0.9], k=2)["items"] == [1, 2]
    assert ranked(sidecar.http, [0.1], k=1, path="/v2/models/ranker/versions/1/rank", id="x")["model_version"] == "1"


@pytest.mark.parametrize(
    ("scores", "options", "status", "sentence"),
    [
        ([0.1], {}, 400, "the body has no 'k'"),
        ([0.1], {"k": 0}, 400, "'k' is not a whole number from 1 to 2147483647"),
        ([0.1], {"k": 1.5}, 400, "'k' is not a whole number from 1 to 2147483647"),
        ([0.1], {"k": 2**31}, 400, "'k' is not a whole number from 1 to 2147483647"),
        ([0.1], {"k": 1, "items": [1, 2]}, 400, "'items' has 2 values, but there are 1 candidates"),
        ([0.1, 0.2], {"k": 1, "items": [1, "a"]}, 400, "'items', index 1: all items are whole numbers, or all are"),
        ([0.1], {"k": 1, "deadline_ms": 0}, 504, "the deadline passed"),
        ([0.1], {"k": 1, "deadline_ms": "soon"}, 400, "'deadline_ms' is not a number"),
        (["x"], {"k": 1}, 400, "the input 'item_score', row 0: x is not a value of FP64"),
    ],
)
def test_what_cannot_be_ranked_is_refused_with_a_reason(
    sidecar: Addresses, scores: list[Any], options: dict[str, Any], status: int, sentence: str
) -> None:
    answer = ranked(sidecar.http, scores, **options)

    assert answer["status"] == status
    assert sentence in answer["error"]


def test_a_model_without_a_ranking_says_so(sidecar: Addresses) -> None:
    answer = post_json(sidecar.http, "/v2/models/echo/rank", {"k": 1, "candidates": []})

    assert answer["status"] == 400
    assert "ranks nothing" in answer["error"]


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([None, "NaN"], "no_scores"),
        ([0.5, None], None),
    ],
)
def test_an_answer_without_items_says_why(sidecar: Addresses, scores: list[Any], reason: str | None) -> None:
    answer = ranked(sidecar.http, scores, k=3)

    assert answer["parameters"].get("reason") == reason
    assert (answer["candidates"], answer["unscored"]) == (2, 2 - len(answer["items"]))


def test_items_that_are_all_excluded_are_no_candidates_over_grpc_too(sidecar: Addresses, protocol: Protocol) -> None:
    body = {"k": 3, "context": CONTEXT, "list": "*", "exclude": [7, 3, 11, 5, -2]}
    answer = post_json(sidecar.http, "/v2/models/shelf/rank", body)
    infer = protocol.message("inference.ModelInferRequest").InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    request = protocol.message("pillion.v1.RankRequest")(
        model_name="shelf",
        k=3,
        context=[
            infer(name="rate", datatype="FP64", shape=[1], contents=contents(fp64_contents=[1.5])),
            infer(name="device", datatype="BYTES", shape=[1], contents=contents(bytes_contents=[b"tv"])),
            infer(name="hour", datatype="INT64", shape=[1], contents=contents(int64_contents=[7])),
        ],
        table_list="*",
        excluded_item_ids=[7, 3, 11, 5, -2],
    )
    with grpc.insecure_channel(sidecar.grpc) as channel:
        said = protocol.stub("pillion.v1.RankService", channel).Rank(request, timeout=60)

    assert (answer["items"], answer["candidates"], answer["parameters"]["reason"]) == ([], 0, "no_candidates")
    assert (said.candidates, said.parameters["reason"].string_param) == (0, "no_candidates")
