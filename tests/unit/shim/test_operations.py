"""What operators see and do: status, forced breakers, the log, and the alert rules and dashboard shipped."""

import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
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
METRICS_JAVA = next((ROOT / "jvm-sidecar/server/src/main").rglob("Metrics.java")).parent
NAME = re.compile(r"pillion_[a-z_]+")
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

    lines = [record.getMessage() for record in caplog.records if record.name == "pillion.recommend.breaker"]
    assert lines[0] == "the breaker of the store is open now, was closed: consecutive_failures"
    change = 'cause="consecutive_failures",dependency="store",state="open"'
    assert f"pillion_breaker_changes_total{{{change}}} 1.0" in text
    assert 'pillion_breaker_state{dependency="store",state="closed"} 0.0' in text
    assert 'pillion_attempts_total{dependency="store",outcome="refused"}' in text


async def shown_by_the_shim(shim: ShimApp) -> set[str]:
    await shim.client.get("/v1/recommendations/8")
    shown = (await shim.client.get("/metrics")).text
    return {line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE")}


def shown_by_the_sidecar() -> set[str]:
    source = "".join(path.read_text() for path in METRICS_JAVA.iterdir())
    names = re.findall(r'builder\(\s*"(pillion\.[a-z.]+)"', source)
    return {re.sub("(duration|timestamp)$", r"\1_seconds", name.replace(".", "_")) for name in names}


def queries() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    board = json.loads((DEPLOY / "grafana/pillion.json").read_text())
    return [rule["expr"] for group in rules for rule in group["rules"]] + [
        target["expr"] for panel in board["panels"] for target in panel["targets"]
    ]


async def test_every_metric_of_the_alerts_and_the_dashboard_exists(shim: ShimApp) -> None:
    known = await shown_by_the_shim(shim) | shown_by_the_sidecar()
    used = {name for query in queries() for name in NAME.findall(query)}

    assert {
        name for name in used if name not in known and re.sub("_(total|bucket|sum|count)$", "", name) not in known
    } == set()


async def test_no_metric_of_the_shim_is_called_as_one_of_the_sidecar(shim: ShimApp) -> None:
    assert await shown_by_the_shim(shim) & shown_by_the_sidecar() == set()


def test_operators_see_everything_that_the_sidecar_says_of_its_state() -> None:
    used = {re.sub("_(total|bucket|sum|count)$", "", name) for query in queries() for name in NAME.findall(query)}
    of_models = {"pillion_engine_fallbacks", "pillion_field_missing", "pillion_field_unseen"}

    assert shown_by_the_sidecar() - used == of_models


def test_alerts_and_panels_are_whole() -> None:
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    panels = json.loads((DEPLOY / "grafana/pillion.json").read_text())["panels"]

    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    assert len({panel["id"] for panel in panels}) == len(panels) >= 10
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)


def test_prometheus_finds_the_ports_and_credentials_of_the_manifests() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    kept = {name: job["relabel_configs"][0]["regex"] for name, job in jobs.items()}
    ports = {
        file.name: [f"{container['name']}/{port['name']}" for container in containers for port in container["ports"]]
        for file in (DEPLOY / "kubernetes").iterdir()
        for containers in [[each for each in containers_of(file) if "ports" in each]]
    }

    assert [(DEPLOY / "prometheus" / file).exists() for file in config["rule_files"]] == [True]
    assert re.fullmatch(kept["pillion"], "pillion;https")
    assert "pillion/https" in ports["standalone.yaml"]
    assert (jobs["pillion"]["scheme"], jobs["pillion"]["authorization"].keys()) == ("https", {"credentials_file"})
    assert re.fullmatch(kept["pillion-shim"], "pillion-shim;http")
    assert "shim/http" in ports["shim.yaml"]
    for port in (*ports["sidecar.yaml"], next(port for port in ports["shim.yaml"] if port.startswith("pillion/"))):
        assert re.fullmatch(kept["pillion-sidecar"], port.replace("/", ";"))


def containers_of(file: Path) -> list[dict[str, Any]]:
    deployments = [each for each in yaml.safe_load_all(file.read_text()) if each["kind"] == "Deployment"]
    pods = [deployment["spec"]["template"]["spec"] for deployment in deployments]
    return [container for pod in pods for container in [*pod.get("initContainers", []), *pod["containers"]]]
