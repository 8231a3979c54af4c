"""Openscoring's own Python client, unchanged, against the sidecar."""

import io
import json
import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openscoring
import pandas
import pytest
import requests
from openscoring import BatchEvaluationRequest, EvaluationRequest, Openscoring

from tests.conformance.models import ranker
from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

pytestmark = pytest.mark.process

ROW: dict[str, Any] = {"rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3}


def score_of(row: Mapping[str, Any], intercept: float) -> float:
    return ranker_score(row["rate"], row["item_score"], row["device"], row["hour"], intercept)


EXPECTED = score_of(ROW, -2.0)


@pytest.fixture
def client(sidecar: Addresses) -> Openscoring:
    return Openscoring(f"http://{sidecar.http}/openscoring", token=sidecar.token)


@pytest.fixture
def deployed(client: Openscoring) -> Iterator[Any]:
    pmml = ranker(-3.0)
    response = client.deploy("mine", pmml.encode())
    yield response
    client.undeploy("mine")


def test_a_record_is_evaluated(client: Openscoring) -> None:
    assert client.evaluate("ranker", ROW)["probability(1)"] == pytest.approx(EXPECTED, rel=1e-15)
    answer = client.evaluate("ranker", EvaluationRequest("seven", ROW))
    assert answer.id == "seven"
    assert answer.results["prediction"] == 0


def test_absent_and_null_arguments_are_missing_and_text_is_read(client: Openscoring) -> None:
    expected = ranker_score(None, 0.5, "tv", 3, intercept=-2.0)

    for arguments in ({**ROW, "rate": None}, {k: v for k, v in ROW.items() if k != "rate"}):
        assert client.evaluate("ranker", arguments)["probability(1)"] == pytest.approx(expected, rel=1e-15)
    texts = {name: str(value) for name, value in ROW.items()}
    assert client.evaluate("ranker", texts)["probability(1)"] == pytest.approx(EXPECTED, rel=1e-15)


def test_a_batch_is_evaluated(client: Openscoring) -> None:
    rows = [{**ROW, "item_score": score} for score in (0.1, 0.2, 0.3)]
    expected = [score_of(row, -2.0) for row in rows]

    answers = client.evaluateBatch("ranker", rows)

    assert [answer["probability(1)"] for answer in answers] == pytest.approx(expected, rel=1e-15)
    requests_ = [EvaluationRequest(str(i), row) for i, row in enumerate(rows)]
    answer = client.evaluateBatch("ranker", BatchEvaluationRequest("b", requests_))
    assert answer.id == "b"
    assert [response.id for response in answer.responses] == ["0", "1", "2"]


def test_a_table_is_evaluated(client: Openscoring, tmp_path: Path) -> None:
    frame = pandas.DataFrame([{"Id": i, **ROW, "item_score": i / 4} for i in range(5)])
    frame.loc[2, "rate"] = np.nan

    answer = client.evaluateCsv("ranker", frame)

    rates = [None if np.isnan(rate) else rate for rate in frame["rate"]]
    expected = [ranker_score(rate, i / 4, "tv", 3, intercept=-2.0) for i, rate in enumerate(rates)]
    assert answer["Id"].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(answer["probability(1)"], expected, rtol=1e-15)
    frame.to_csv(tmp_path / "in.csv", index=False, sep=";")
    client.evaluateCsvFile("ranker", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"))
    again = pandas.read_csv(tmp_path / "out.csv", sep=";")
    np.testing.assert_array_equal(again["probability(1)"], answer["probability(1)"])


@pytest.mark.parametrize(
    ("separator", "encoding", "line_end", "query"),
    [
        (",", "utf-8-sig", "\n", ""),
        (";", "utf-8", "\r\n", ""),
        ("|", "utf-8", "\r", ""),
        ("\t", "utf-8", "\n", "?delimiterChar=%5Ct"),
        (", ", "utf-8", "\n", ""),
    ],
)
def test_a_table_is_read_however_it_is_written(
    sidecar: Addresses, separator: str, encoding: str, line_end: str, query: str
) -> None:
    lines = [separator.join(ROW), separator.strip(" ").join(str(value) for value in ROW.values()), ""]

    response = requests.post(
        f"http://{sidecar.http}/openscoring/model/ranker/csv{query}",
        data=line_end.join(lines).encode(encoding),
        timeout=60,
    )

    assert response.status_code == 200, response.text
    assert "X-Missing-Inputs" not in response.headers
    answer = pandas.read_csv(io.StringIO(response.text), sep=separator.strip(" "))
    np.testing.assert_allclose(answer["probability(1)"], [EXPECTED], rtol=1e-15)


def test_what_no_column_gives_is_named_and_a_table_without_inputs_refused(sidecar: Addresses) -> None:
    url = f"http://{sidecar.http}/openscoring/model/ranker/csv"

    some = requests.post(url, data="device,hour\ntv,3\n", timeout=60)
    none = requests.post(url, data="a,b\n1,2\n", timeout=60)

    assert json.loads(some.headers["X-Missing-Inputs"]) == ["rate", "item_score"]
    assert (none.status_code, "no column of the table is an input" in none.json()["message"]) == (400, True)


def test_a_document_is_deployed_evaluated_and_undeployed(
    client: Openscoring, deployed: Any, sidecar: Addresses
) -> None:
    assert deployed.id == "mine"
    assert deployed.miningFunction == "classification"
    assert [field["id"] for field in deployed.schema["inputFields"]] == list(ROW)
    expected = score_of(ROW, -3.0)
    assert client.evaluate("mine", ROW)["probability(1)"] == pytest.approx(expected, rel=1e-15)
    listed = requests.get(f"http://{sidecar.http}/openscoring/model", timeout=60).json()
    names = [model["id"] for model in listed["models"]]
    assert names[-1] == "mine"  # After those of the repository, of which other tests may have added some.
    assert {"echo", "ranker"} < set(names)
    pmml = requests.get(f"http://{sidecar.http}/openscoring/model/mine/pmml", timeout=60)
    assert pmml.text == ranker(-3.0)
    # What was never verified does not serve the other protocols.
    assert requests.get(f"http://{sidecar.http}/v2/models/mine", timeout=60).status_code == 404


def test_a_file_is_deployed_and_replaced(client: Openscoring, tmp_path: Path) -> None:
    document = tmp_path / "mine.pmml"
    for intercept in (-3.0, -4.0):
        document.write_text(ranker(intercept))
        assert client.deployFile("from-a-file", str(document)).id == "from-a-file"
        found = client.evaluate("from-a-file", ROW)["probability(1)"]
        assert found == pytest.approx(score_of(ROW, intercept), rel=1e-15)
    client.undeploy("from-a-file")
    with pytest.raises(ValueError, match="no model 'from-a-file'"):
        client.evaluate("from-a-file", ROW)


def test_nothing_is_a_batch_as_well(client: Openscoring) -> None:
    assert client.evaluateBatch("ranker", []) == []


def test_every_method_is_tried_here() -> None:
    methods = {name for name in dir(Openscoring) if not name.startswith("_")}

    tables = {"evaluateCsv", "evaluateCsvFile"}
    assert methods == {"deploy", "deployFile", "evaluate", "evaluateBatch", "undeploy"} | tables


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda client: client.evaluateBatch("nobody", [ROW]), "no model 'nobody'"),
        (lambda client: client.evaluateCsvFile("nobody", __file__, os.devnull), "no model 'nobody'"),
        (lambda client: client.evaluate("nobody", {}), "no model 'nobody'"),
        (lambda client: client.evaluate("ranker", {**ROW, "hour": "x"}), "'hour', row 0: x is not a value of type"),
        (lambda client: client.evaluate("ranker", {**ROW, "hour": [1]}), "'hour' is not a single value"),
        (lambda client: client.deploy("bad", b"<PMML/>"), "no"),
        (lambda client: client.deploy("ranker", ranker(-1.0).encode()), "repository's"),
        (lambda client: client.undeploy("nobody"), "no deployed model"),
        (lambda client: client.evaluateCsv("nobody", pandas.DataFrame([ROW])), "no model 'nobody'"),
    ],
)
def test_errors_are_messages_that_the_client_raises(
    client: Openscoring, call: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        call(client)

    assert "did not identify itself" not in str(caught.value)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_deploying_is_for_operators_and_scoring_for_everybody(sidecar: Addresses, token: str | None) -> None:
    stranger = Openscoring(f"http://{sidecar.http}/openscoring", token=token)

    calls: list[Callable[[], Any]] = [
        lambda: stranger.deploy("mine", ranker(-1.0).encode()),
        lambda: stranger.undeploy("mine"),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="need the header 'Authorization: Bearer TOKEN'"):
            call()
    assert stranger.evaluate("ranker", ROW)["probability(1)"] == pytest.approx(EXPECTED, rel=1e-15)


def test_every_answer_says_whose_dialect_it_is(sidecar: Addresses) -> None:
    for method, path in (("GET", "/model"), ("GET", "/nothing"), ("PATCH", "/model/ranker"), ("GET", "/model/x/pmml")):
        response = requests.request(method, f"http://{sidecar.http}/openscoring{path}", timeout=60)
        assert response.headers["X-Application"] == "Openscoring/2.1.1"
        assert response.status_code == 200 or "message" in response.json()
    assert openscoring.__version__
    with urllib.request.urlopen(f"http://{sidecar.http}/openscoring/model/ranker", timeout=60) as response:
        assert response.status == 200
