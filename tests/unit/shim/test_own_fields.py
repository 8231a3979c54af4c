"""The shim for a project of its own: text ids and declared fields, checked in GET and in POST, and described."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository
from pillion.shim import create_app
from tests.support import clinic
from tests.support.data_plane import PATIENT, PATIENT_SIDECAR, PATIENT_STORE
from tests.support.item_scorer import ItemScorer


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = MemoryStore()
    await clinic.load(store)
    repository = ModelRepository(clinic.write_models(tmp_path))
    scorer = ItemScorer(store, clinic.reference_scores)
    recommender = Recommender(
        store, scorer, repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR, project=clinic.PROJECT
    )
    await recommender.start()
    transport = httpx.ASGITransport(create_app(recommender), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shim") as client:
        yield client
    await recommender.close()


async def test_get_and_post_take_the_declared_fields_and_say_the_same(client: httpx.AsyncClient) -> None:
    got = await client.get("/v1/recommendations/p%201?k=2&urgency=5&insured=true")
    context = {"urgency": 5, "insured": True}
    posted = await client.post("/v1/recommendations", json={"user_id": "p 1", "k": 2, "context": context})

    assert got.status_code == posted.status_code == 200, got.text
    assert got.json()["items"] == posted.json()["items"]
    assert got.json()["items"][0] == {
        "item_id": "c/7",
        "title": None,
        "score": clinic.score(30.0, 9, 5, True),
    }
    assert got.json()["user_id"] == "p 1"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/recommendations/p?hour=1", "hour"),
        ("/v1/recommendations/p?urgency=6", "urgency"),
        ("/v1/recommendations/p?urgency=high", "urgency"),
        ("/v1/recommendations/p?insured=perhaps", "insured"),
    ],
)
async def test_a_bad_query_is_refused_by_name(client: httpx.AsyncClient, path: str, field: str) -> None:
    response = await client.get(path)

    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_id": 1}, "user_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "p", "candidates": ["a", 1]}, "candidates"),
        ({"user_id": "p", "context": {"hour": 1}}, "context.hour"),
        ({"user_id": "p", "context": {"urgency": "5"}}, "context.urgency"),
        ({"user_id": "p", "context": {"urgency": 0}}, "urgency"),
    ],
)
async def test_a_bad_body_is_refused_by_name(client: httpx.AsyncClient, body: object, field: str) -> None:
    response = await client.post("/v1/recommendations", json=body)

    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


async def test_what_nobody_declared_is_refused_with_what_is_known(client: httpx.AsyncClient) -> None:
    got = await client.get("/v1/recommendations/p?urgencie=5")
    posted = await client.post("/v1/recommendations", json={"user_id": "p", "context": {"urgencie": 5}})
    body = await client.post("/v1/recommendations", json={"user_id": "p", "urgency": 5})

    messages = [answer.json()["error"]["message"] for answer in (got, posted, body)]
    assert messages == [
        "a request has no field 'urgencie'; known are k, model, urgency, insured",
        "a request has no field 'context.urgencie'; known are urgency, insured",
        "a request has no field 'urgency'; known are user_id, k, candidates, context, model",
    ]


async def test_an_id_with_a_slash_is_found_by_get(client: httpx.AsyncClient) -> None:
    got = await client.get("/v1/recommendations/p%2F2")
    text = (await client.get("/metrics")).text

    assert (got.status_code, got.json()["user_id"], got.json()["reason"]) == (200, "p/2", None)
    assert 'pillion_shim_requests_total{method="GET",route="/v1/recommendations/{user_id}",status="200"} 1.0' in text


async def test_the_description_shows_them_and_nothing_of_the_demo(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()

    parameters = {one["name"]: one for one in described["paths"]["/v1/recommendations/{user_id}"]["get"]["parameters"]}
    assert set(parameters) == {"user_id", "k", "model", "urgency", "insured", "X-Deadline-Ms"}
    assert parameters["user_id"]["schema"]["type"] == "string"
    assert "1 to 5" in parameters["urgency"]["description"]
    schemas = described["components"]["schemas"]
    assert set(schemas["ContextBody"]["properties"]) == {"urgency", "insured"}
    assert schemas["RequestBody"]["properties"]["user_id"]["type"] == "string"
    assert schemas["RequestBody"]["examples"][0]["context"] == {"urgency": 3, "insured": True}
    assert "hour" not in str(described)
