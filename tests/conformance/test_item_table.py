"""The rank route with candidates named by their ids, against the same candidates given as columns."""

import json
import shutil
import subprocess
import urllib.request
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.models import ITEMS
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import CONTEXT, post_json, tensor

pytestmark = pytest.mark.process


def rank(address: str, model: str, body: dict[str, Any]) -> Any:
    return post_json(address, f"/v2/models/{model}/rank", {"context": CONTEXT, **body})


def column(model: str, ids: list[Any]) -> dict[str, Any]:
    return tensor("item_score", "FP64", [ITEMS[model][key] for key in ids])


def told(answer: Any) -> Any:
    return {key: answer[key] for key in ("items", "rows", "scores", "unscored")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(sorted(ITEMS)), st.integers(1, 12))
def test_ids_have_the_bits_and_the_order_of_columns(
    sidecar: Addresses, data: st.DataObject, model: str, k: int
) -> None:
    ids = data.draw(st.lists(st.sampled_from(list(ITEMS[model])), min_size=1, max_size=10))

    answer = rank(sidecar.http, model, {"k": k, "item_ids": ids})

    columns = rank(sidecar.http, model, {"k": k, "items": ids, "candidates": [column(model, ids)]})
    assert told(answer) == told(columns)


def test_grpc_takes_the_same_ids(sidecar: Addresses, protocol: Protocol) -> None:
    infer = protocol.message("inference.ModelInferRequest").InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    context = [
        infer(name="rate", datatype="FP64", shape=[1], contents=contents(fp64_contents=[1.5])),
        infer(name="device", datatype="BYTES", shape=[1], contents=contents(bytes_contents=[b"tv"])),
        infer(name="hour", datatype="INT64", shape=[1], contents=contents(int64_contents=[7])),
    ]
    message = protocol.message("pillion.v1.RankRequest")
    with grpc.insecure_channel(sidecar.grpc) as channel:
        stub = protocol.stub("pillion.v1.RankService", channel)
        numbers = stub.Rank(
            message(model_name="shelf", k=3, context=context, table_item_ids=[-2, 11, 5, 3]), timeout=60
        )
        names = stub.Rank(
            message(model_name="named-shelf", k=3, context=context, table_item_names=["seven", "élan"]), timeout=60
        )
        with pytest.raises(grpc.RpcError) as refused:
            stub.Rank(message(model_name="shelf", k=3, context=context, table_item_ids=[3, 4]), timeout=60)

    by_http = rank(sidecar.http, "shelf", {"k": 3, "item_ids": [-2, 11, 5, 3]})
    assert list(numbers.item_ids) == by_http["items"] == [3, 5, -2]
    assert list(numbers.scores) == by_http["scores"]
    assert (numbers.unscored, list(names.item_names)) == (1, ["élan", "seven"])
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "'item_ids', index 1: the model's item table has no item 4" in refused.value.details()


@pytest.mark.parametrize(
    ("model", "body", "sentence"),
    [
        ("shelf", {"item_ids": [7, 8]}, "'item_ids', index 1: the model's item table has no item 8"),
        ("shelf", {"item_ids": ["7"]}, "'item_ids', index 0: the model's item table has no item '7'"),
        ("named-shelf", {"item_ids": [7]}, "'item_ids', index 0: the model's item table has no item 7"),
        ("shelf", {"item_ids": [7, "a"]}, "'item_ids', index 1: all items are whole numbers, or all are strings"),
        ("shelf", {"item_ids": 7}, "'item_ids'"),
        ("shelf", {"item_ids": [7], "items": [7]}, "'items' has 1 candidates, but no values of the input 'item_score'"),
        ("shelf", {"item_ids": [7], "candidates": [column("shelf", [7])]}, "the candidates are given twice"),
        ("shelf", {"item_ids": [7], "context": [*CONTEXT, column("shelf", [7])]}, "item table has it as well"),
        ("shelf", {"item_ids": [7], "context": CONTEXT[:2]}, "the field 'hour' must be given"),
        ("ranker", {"item_ids": [7]}, "the model has no item table"),
    ],
)
def test_ids_that_cannot_be_looked_up_are_refused_with_a_reason(
    sidecar: Addresses, model: str, body: dict[str, Any], sentence: str
) -> None:
    answer = rank(sidecar.http, model, {"k": 1, **body})

    assert answer["status"] == 400
    assert sentence in answer["error"]
    assert rank(sidecar.http, "shelf", {"k": 1, "item_ids": [7]})["items"] == [7]


def test_no_ids_are_no_candidates(sidecar: Addresses) -> None:
    assert told(rank(sidecar.http, "shelf", {"k": 1, "item_ids": []})) == {
        "items": [],
        "rows": [],
        "scores": [],
        "unscored": 0,
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl_names_items_over_the_socket(sidecar: Addresses) -> None:
    url = "http://sidecar/v2/models/shelf/rank"
    body = json.dumps({"k": 2, "context": CONTEXT, "item_ids": [7, 3, 5]})
    command = ["curl", "-sS", "--fail-with-body", "--unix-socket", sidecar.uds, url, "-d", body]

    answer = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)

    assert answer["items"] == [3, 5]


def test_metadata_says_how_many_items_there_are(sidecar: Addresses) -> None:
    with urllib.request.urlopen(f"http://{sidecar.http}/v2/models/shelf", timeout=60) as response:
        assert json.load(response)["parameters"]["items"] == len(ITEMS["shelf"])
