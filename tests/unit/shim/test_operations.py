"""What operators see and do: status, forced breakers, the log, and the alert rules and dashboard shipped."""

import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from pillion.config import ShimSettings
from pillion.shim import create_app
from tests.support.shim_app import ShimApp
from tools.checkout import ROOT

DEPLOY = ROOT / "deploy"
METRICS_JAVA = next((ROOT / "jvm-sidecar/server/src/main").rglob("Metrics.java"))
TOKEN = {"Authorization": "Bearer let-me"}


@pytest.fixture
async def operator(shim: ShimApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a shim that has an administrator's token."""
    app = create_app(shim.recommender, ShimSettings(admin_token=SecretStr("let-me")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shim") as client:
        yield client


async def test_without_a_token_of_its_own_the_shim_lets_nobody_force_a_breaker(shim: ShimApp) -> None:
    response = await shim.client.post("/v1/breakers/store", json={"mode": "open"}, headers=TOKEN)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert shim.recommender.breakers["store"].state.value == "closed"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer let-you"}, {"Authorization": "let-me"}])
async def test_a_wrong_token_forces_nothing(
    shim: ShimApp, operator: httpx.AsyncClient, headers: dict[str, Any]
) -> None:
    response = await operator.post("/v1/breakers/store", json={"mode": "open"}, headers=headers)

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert shim.recommender.breakers["store"].state.value == "closed"


async def test_a_breaker_forced_open_sends_requests_down_the_ladder_until_it_is_left_alone(
    shim: ShimApp, operator: httpx.AsyncClient
) -> None:
    async def source() -> str:
        return (await operator.get("/v1/recommendations/8")).json()["source"]

    opened = (await operator.post("/v1/breakers/sidecar", json={"mode": "open"}, headers=TOKEN)).json()
    sources = [await source()]
    await operator.post("/v1/breakers/sidecar", json={"mode": "auto"}, headers=TOKEN)
    sources.append(await source())

    assert (opened["name"], opened["state"], opened["retry_after_s"]) == ("sidecar", "forced_open", None)
    assert sources == ["popular", "online"]


async def test_a_breaker_forced_closed_lets_every_call_pass(shim: ShimApp, operator: httpx.AsyncClient) -> None:
    await operator.post("/v1/breakers/store", json={"mode": "closed"}, headers=TOKEN)
    shim.store.down = True
    for _ in range(10):
        await operator.get("/v1/recommendations/8")

    state = (await operator.get("/v1/status")).json()["breakers"]["store"]
    assert (state["state"], state["refused"], state["consecutive_failures"] >= 10) == ("metrics_only", 0, True)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/v1/breakers/cache", {"mode": "open"}, 404), ("/v1/breakers/store", {"mode": "ajar"}, 400)],
)
async def test_what_cannot_be_forced_is_refused(
    operator: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    response = await operator.post(path, json=body, headers=TOKEN)

    assert response.status_code == status


async def test_status_counts_calls_retries_and_admissions(shim: ShimApp) -> None:
    await shim.client.get("/v1/recommendations/8")
    found = (await shim.client.get("/v1/status")).json()

    assert found["breakers"]["store"]["succeeded"] == 1
    assert (found["breakers"]["store"]["in_flight"], found["breakers"]["store"]["busy"]) == (0, 0)
    assert found["retries"] == {"made": 0, "tokens": 0.4}
    assert found["admission"] == {"limit": 8, "in_flight": 0, "refused": 0}


async def test_every_change_of_a_breaker_is_a_line_in_the_log_and_a_count(
    shim: ShimApp, caplog: pytest.LogCaptureFixture
) -> None:
    shim.store.down = True
    with caplog.at_level(logging.WARNING, "pillion.recommend.breaker"):
        for _ in range(5):
            await shim.client.get("/v1/recommendations/8")
    text = (await shim.client.get("/metrics")).text

    lines = [record.message for record in caplog.records if record.name == "pillion.recommend.breaker"]
    assert lines[0] == "the breaker of the store is open now, was closed: consecutive_failures"
    change = 'cause="consecutive_failures",dependency="store",state="open"'
    assert f"pillion_breaker_changes_total{{{change}}} 1.0" in text
    assert 'pillion_breaker_state{dependency="store",state="closed"} 0.0' in text
    assert 'pillion_attempts_total{dependency="store",outcome="refused"}' in text


async def test_every_metric_of_the_alerts_and_the_dashboard_exists(shim: ShimApp) -> None:
    await shim.client.get("/v1/recommendations/8")
    shown = (await shim.client.get("/metrics")).text
    known = {line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE")}
    java = [*re.findall(r'builder\("(pillion\.[a-z.]+)"\)', METRICS_JAVA.read_text()), "pillion.queue.length"]
    java += ["pillion.repository.problems", "pillion.credentials.stale", "pillion.tls.certificate.expiry.timestamp"]
    known |= {name.replace(".", "_") for name in java}
    known |= {name.replace(".", "_") + "_seconds" for name in java if name.endswith(("duration", "timestamp"))}
    rules = [rule for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
             for rule in group["rules"]]  # fmt: skip
    board = json.loads((DEPLOY / "grafana/pillion.json").read_text())
    queries = [rule["expr"] for rule in rules]
    queries += [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    used = {name for query in queries for name in re.findall(r"pillion_[a-z_]+", query)}
    unknown = {
        name for name in used if name not in known and re.sub("_(total|bucket|sum|count)$", "", name) not in known
    }

    assert unknown == set()
    assert len(rules) >= 10
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) >= 10
