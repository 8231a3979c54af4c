"""`explain` on the rank route, over HTTP and gRPC: what each returned item's score is made of.

The published models, and recorded pipelines that get a ranking here, are served by a sidecar of their own.
"""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import grpc
import pytest

from pillion.config import SidecarSettings
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses, running
from tests.conformance.v2 import post_json, ranked, tensor
from tests.support.models import write_version
from tools.golden.store import DATA, Golden, read

pytestmark = pytest.mark.process

ROUNDING = 1e-12
DATATYPES = {"double": "FP64", "integer": "INT64", "string": "BYTES", "boolean": "BOOL", "float": "FP32"}
SCORES = {
    "forest_classifier": "probability(1)",
    "tree_classifier": "probability(1)",
    "forest_regressor": "prediction",
    "gbt_classifier": "probability(1)",
    "tree_regressor": "prediction",
    "gbt_regressor": "prediction",
    "linear_regression": "prediction",
    "linear_svc": "prediction",
    "glm_gamma_log": "prediction",
    "logistic_sparse_weights": "probability(1)",
    "multinomial_wine": "probability(1)",
    "k_means": "prediction",
    "perceptron": "probability(1)",
    "isotonic": "prediction",
    "naive_bayes_multinomial": "probability(1)",
}
EXPLAINED = {
    "forest_classifier": ("tree_path", "probability"),
    "tree_classifier": ("tree_path", "probability"),
    "forest_regressor": ("tree_path", "prediction"),
    "gbt_classifier": ("tree_path", "margin"),
    "tree_regressor": ("tree_path", "prediction"),
    "linear_regression": ("linear", "prediction"),
    "linear_svc": ("linear", "margin"),
    "glm_gamma_log": ("linear", "linear_predictor"),
    "logistic_sparse_weights": ("linear", "margin"),
    "multinomial_wine": ("linear", "margin"),
}
REFUSED = {
    "gbt_regressor": "is made of trees whose inner nodes have no values in this document; export it again",
    "k_means": "is made by the stage kMeans",
    "perceptron": "is made by the stage perceptron",
    "isotonic": "is made by the stage isotonicRegression",
    "naive_bayes_multinomial": "is made by the stage naiveBayes",
}


def usable(golden: Golden, count: int) -> list[dict[str, Any]]:
    """The first rows that Spark scored and that have a finite value for every input."""
    rows: list[dict[str, Any]] = []
    for row in range(golden.rows):
        given = {name: values[row] for name, values in golden.inputs.items()}
        whole = all(value is not None and value == value for value in given.values())
        if row not in golden.errors and whole and len(rows) < count:
            rows.append(given)
    return rows


def publish(folder: Path, name: str, output: str) -> None:
    golden = read(name)
    rows = (DATA / name / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in rows if '"error"' not in line][:5]
    inputs = [
        {"name": field, "type": kind, "optype": "categorical" if kind in ("string", "boolean") else "continuous"}
        for field, kind in golden.about["inputs"].items()
    ]
    manifest = {
        "engine": "compiled",
        "contract": {"inputs": inputs},
        "outputs": [{"name": field, "type": kind} for field, kind in golden.about["outputs"].items()],
        "ranking": {"kind": "score", "output": output},
    }
    files: dict[str, str | bytes] = {"model.pmml": golden.document, "verification.jsonl": "\n".join(kept) + "\n"}
    write_version(folder, name, 1, files, manifest)


@pytest.fixture(scope="module")
def explaining(jar: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Addresses of a sidecar with the published models and the recorded ones."""
    folder = tmp_path_factory.mktemp("explained")
    for name in ("ranker", "titles30"):
        shutil.copytree(root / "pmml-models" / name, folder / name)
    for name, output in SCORES.items():
        publish(folder, name, output)
    with running(SidecarSettings(jar=jar, models=folder, start_timeout_s=240.0)) as addresses:
        yield addresses


def ask(address: str, model: str, rows: list[dict[str, Any]], kinds: dict[str, str], **options: Any) -> Any:
    """Ranks full rows, each a candidate."""
    candidates = [tensor(field, DATATYPES[kind], [row[field] for row in rows]) for field, kind in kinds.items()]
    return post_json(address, f"/v2/models/{model}/rank", {"k": len(rows), "candidates": candidates, **options})


def summed(explanation: dict[str, Any]) -> float:
    return math.fsum([explanation["base"], *(part["value"] for part in explanation["contributions"])])


def magnitude(explanation: dict[str, Any]) -> float:
    return abs(explanation["base"]) + sum(abs(part["value"]) for part in explanation["contributions"])


def logistic(margin: float) -> float:
    return 1.0 - 1.0 / (1.0 + math.exp(margin))


LINKS: dict[str, Callable[[float], float]] = {
    "gbt_classifier": lambda margin: logistic(2 * margin),
    "logistic_sparse_weights": logistic,
    "glm_gamma_log": math.exp,
    "linear_svc": lambda margin: float(margin > 0),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_parts_add_up_to_what_the_score_is_made_of(explaining: Addresses, name: Any) -> None:
    golden = read(name)
    rows = usable(golden, 20)

    answer = ask(explaining.http, name, rows, golden.about["inputs"], explain=True)

    plain = ask(explaining.http, name, rows, golden.about["inputs"])
    assert "explanations" not in plain
    assert "error" not in answer, answer
    assert [plain["items"], plain["scores"]] == [answer["items"], answer["scores"]]
    assert len(answer["explanations"]) == len(answer["items"]) == len(rows)
    for score, explanation in zip(answer["scores"], answer["explanations"], strict=True):
        assert (explanation["method"], explanation["scale"]) == EXPLAINED[name]
        assert summed(explanation) == pytest.approx(explanation["total"], rel=0, abs=ROUNDING * magnitude(explanation))
        if name != "multinomial_wine":
            assert LINKS.get(name, float)(explanation["total"]) == pytest.approx(score, rel=1e-12, abs=1e-15)
        for part in explanation["contributions"]:
            assert set(part["fields"]) <= set(golden.about["inputs"])
            assert part["value"] != 0
        values = [abs(part["value"]) for part in explanation["contributions"]]
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("name", ["linear_regression", "forest_classifier", "gbt_classifier"])
def test_a_row_has_the_same_explanation_whatever_is_ranked_beside_it(explaining: Addresses, name: str) -> None:
    golden = read(name)
    rows = usable(golden, 6)
    kinds = golden.about["inputs"]

    together = ask(explaining.http, name, rows, kinds, explain=True)

    for place, row in enumerate(together["rows"]):
        alone = ask(explaining.http, name, [rows[row]], kinds, explain=True)
        assert alone["explanations"] == [together["explanations"][place]]


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_whose_scores_are_not_split_is_refused_by_name(explaining: Addresses, name: Any) -> None:
    golden = read(name)

    answer = ask(explaining.http, name, usable(golden, 2), golden.about["inputs"], explain=True)

    assert answer["status"] == 400
    assert answer["error"].startswith(f"'explain' is not offered for version 1 of the model '{name}': the output")
    assert answer["error"].endswith(REFUSED[name])


def published(root: Path, model: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The manifest of a published model, and rows of its verification set."""
    home = root / "pmml-models" / model / "1"
    lines = (home / "verification.jsonl").read_text().splitlines()
    return json.loads((home / "manifest.json").read_text()), [json.loads(line)["input"] for line in lines]


def request_of(manifest: dict[str, Any], context: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """A request that gives the user's and the online fields once and the items' as columns."""
    body: dict[str, Any] = {"context": [], "candidates": []}
    for field in manifest["contract"]["inputs"]:
        name, datatype = field["name"], DATATYPES[field["type"]]
        if items and field.get("source") == "item":
            body["candidates"].append(tensor(name, datatype, [item.get(name) for item in items]))
        else:
            body["context"].append(tensor(name, datatype, [context.get(name)]))
    return body


def parts(explanation: dict[str, Any]) -> dict[tuple[str, ...], float]:
    return {tuple(part["fields"]): part["value"] for part in explanation["contributions"]}


def test_the_demos_ranker_names_the_fields_of_user_item_and_device(explaining: Addresses, root: Path) -> None:
    manifest, rows = published(root, "ranker")
    rows = [row for row in rows if all(field["name"] in row for field in manifest["contract"]["inputs"])]
    rows = [row for row in rows if all(value not in ("NaN", "Infinity", "-Infinity") for value in row.values())][:40]
    assert len(rows) > 10
    sources = {field["name"]: field.get("source") for field in manifest["contract"]["inputs"]}
    body = request_of(manifest, rows[0], rows)

    answer = post_json(explaining.http, "/v2/models/ranker/rank", {**body, "k": 10, "explain": True})

    assert len(answer["explanations"]) == 10
    named: set[str] = set()
    for score, explanation in zip(answer["scores"], answer["explanations"], strict=True):
        assert (explanation["method"], explanation["scale"]) == ("linear", "margin")
        assert summed(explanation) == pytest.approx(explanation["total"], rel=0, abs=ROUNDING * magnitude(explanation))
        assert logistic(explanation["total"]) == pytest.approx(score, rel=1e-12)
        named.update(name for fields in parts(explanation) for name in fields)
    assert {sources[name] for name in named} >= {"user", "item"}
    joint = {part["columns"][0] for item in answer["explanations"] for part in item["contributions"]
             if len(part["fields"]) > 1}  # fmt: skip
    assert {"collaborative", "taste_match"} <= joint


def test_terms_of_the_demos_ranker_are_its_coefficients_times_the_values(explaining: Addresses, root: Path) -> None:
    """The coefficients are taken out of the document, by the names of what the last assembler joins."""
    manifest, rows = published(root, "ranker")
    plan = re.search(r"<plan .*</plan>", (root / "pmml-models/ranker/1/model.pmml").read_text(), re.S)
    assert plan is not None
    tree = ElementTree.fromstring(plan.group())
    space = "{urn:pillion:spark-plan}"
    names = [column.get("in") for column in tree.findall(f"{space}vectorAssembler")[-1]]
    found = tree.find(f"{space}logisticRegression/{space}coefficients/{space}values")
    assert found is not None
    assert found.text is not None
    coefficients = [float(word) for word in found.text.split()]
    body = request_of(manifest, rows[0], [rows[0]])

    answer = post_json(explaining.http, "/v2/models/ranker/rank", {**body, "k": 1, "explain": True})

    explained = parts(answer["explanations"][0])
    checked = 0
    for name in ("user_ratings", "user_mean_rating", "user_liked_share", "item_mean_rating", "item_year"):
        value = rows[0].get(name)
        if isinstance(value, float | int):
            assert explained[(name,)] == value * coefficients[names.index(f"{name}_known")]
            checked += 1
    assert checked == 5


def test_classes_that_are_items_are_explained_each_by_its_own_margin(explaining: Addresses, root: Path) -> None:
    manifest, rows = published(root, "titles30")
    body = request_of(manifest, rows[0], [])

    answer = post_json(explaining.http, "/v2/models/titles30/rank", {**body, "k": 30, "explain": True})

    assert len(answer["items"]) == len(answer["explanations"]) == 30
    totals = [explanation["total"] for explanation in answer["explanations"]]
    assert totals == sorted(totals, reverse=True)
    exponents = [math.exp(total - totals[0]) for total in totals]
    for score, exponent, explanation in zip(answer["scores"], exponents, answer["explanations"], strict=True):
        assert (explanation["method"], explanation["scale"]) == ("linear", "margin")
        assert score == pytest.approx(exponent / math.fsum(exponents), rel=1e-9)
        assert summed(explanation) == pytest.approx(explanation["total"], rel=0, abs=ROUNDING * magnitude(explanation))


def message(protocol: Any, body: dict[str, Any], model: str, **options: Any) -> Any:
    """The request of gRPC that says the same as a body."""
    infer = protocol.message("inference.ModelInferRequest").InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    kept = {"FP64": "fp64_contents", "INT64": "int64_contents", "BYTES": "bytes_contents"}

    def inputs(tensors: list[dict[str, Any]]) -> list[Any]:
        return [
            infer(
                name=given["name"],
                datatype=given["datatype"],
                shape=given["shape"],
                contents=contents(
                    **{kept[given["datatype"]]: [v.encode() if isinstance(v, str) else v for v in given["data"]]}
                ),
            )
            for given in tensors
        ]

    return protocol.message("pillion.v1.RankRequest")(
        model_name=model, context=inputs(body["context"]), candidates=inputs(body["candidates"]), **options
    )


def test_grpc_gives_the_same_explanations(explaining: Addresses, root: Path, protocol: Protocol) -> None:
    manifest, rows = published(root, "ranker")
    whole = [
        row
        for row in rows
        if all(row.get(field["name"]) not in (None, "NaN", "Infinity") for field in manifest["contract"]["inputs"])
    ][:5]
    body = request_of(manifest, whole[0], whole)

    with grpc.insecure_channel(explaining.grpc) as channel:
        stub = protocol.stub("pillion.v1.RankService", channel)
        answer = stub.Rank(message(protocol, body, "ranker", k=3, explain=True), timeout=60)
        plain = stub.Rank(message(protocol, body, "ranker", k=3), timeout=60)

    other = post_json(explaining.http, "/v2/models/ranker/rank", {**body, "k": 3, "explain": True})
    assert len(plain.explanations) == 0
    assert list(plain.scores) == list(answer.scores) == other["scores"]
    assert [
        {
            "method": made.method,
            "scale": made.scale,
            "base": made.base,
            "total": made.total,
            "contributions": [
                {"fields": list(part.fields), "columns": list(part.columns), "value": part.value}
                for part in made.contributions
            ],
        }
        for made in answer.explanations
    ] == other["explanations"]


def test_grpc_refuses_what_is_not_explained_as_a_bad_argument(explaining: Addresses, protocol: Protocol) -> None:
    golden = read("isotonic")
    rows = usable(golden, 2)
    candidates = [tensor(field, DATATYPES[kind], [row[field] for row in rows])
                  for field, kind in golden.about["inputs"].items()]  # fmt: skip
    request = message(protocol, {"context": [], "candidates": candidates}, "isotonic", k=2, explain=True)

    with grpc.insecure_channel(explaining.grpc) as channel, pytest.raises(grpc.RpcError) as refused:
        protocol.stub("pillion.v1.RankService", channel).Rank(request, timeout=60)

    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "isotonicRegression" in refused.value.details()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"k": 1, "explain": "yes"}, "'explain' is not true or false"),
        ({"k": 101, "explain": True}, "'k' is 101, but with 'explain' at most 100 items are returned"),
        (
            {"k": 1, "explain": True},
            "'explain' is not offered for version 2 of the model 'ranker': the model is computed",
        ),
    ],
)
def test_bad_requests_and_documents_without_a_plan_are_refused_with_a_reason(
    sidecar: Addresses, options: dict[str, Any], sentence: str
) -> None:
    answer = ranked(sidecar.http, [0.1, 0.2], **options)

    assert answer["status"] == 400
    assert sentence in answer["error"]
    assert ranked(sidecar.http, [0.1, 0.2], k=1, explain=False)["items"] == [1]


def test_the_pages_example_runs(explaining: Addresses, root: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (root / "docs/explanations.md").read_text(), re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=root,
        env={**os.environ, "SIDECAR_HTTP": explaining.http},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"item \d has the score 0\.\d{4}: linear, margin", done.stdout)) == 3
    assert "to begin with" in done.stdout
