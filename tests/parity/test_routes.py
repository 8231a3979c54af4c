"""The routes with real programs at their ends: an engine in this JVM, a sidecar, a store and a shim."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pillion.api.services import serving
from pillion.cli.parity_cases import Amounts, run_models
from pillion.errors import InvalidInput
from pillion.parity.case import Case, ShimRequest
from pillion.parity.routes import RouteKind, ScorerRoute, jpype_route
from pillion.parity.run import failures, run_case
from pillion.parity.shim_route import ShimRoute
from pillion.scoring import FakeScorer, RowError, ScoreRequest, Scores
from pillion.scoring.jvm import installed_engines, open_model
from pillion.types import Value
from tests.hosts.host import HOSTS
from tests.support.fixture_dataset import contents
from tests.support.models import CLASSES, PICKER, RANKER, write_models
from tests.support.tls import Authority
from tools.checkout import JAR
from tools.go import NoTools

USERS = (1, 2, 5)
ITEMS = tuple(range(1, 41))
MOMENTS: tuple[dict[str, Value], ...] = (
    {"device": "tv", "hour": 9, "weekday": 1},
    {"device": "toaster", "hour": 23, "weekday": 6},
)


def make_case(
    model: str,
    document: bytes,
    columns: Mapping[str, Sequence[Value]],
    requests: tuple[ShimRequest, ...],
    score: tuple[str, ...],
    real: int | None = None,
) -> Case:
    rows = len(next(iter(columns.values())))
    opened = open_model(document, "jpmml", JAR)
    expected = opened.score(columns, rows)
    known = {name: column for name, column in expected.columns.items() if name not in ("label", "film")}
    case = Case(
        model,
        document,
        opened.contract,
        columns,
        rows,
        rows if real is None else real,
        Scores(known, expected.row_errors),
        (),
        score,
        "made by hand",
        requests,
    )
    opened.close()
    return case


def ranker_case() -> Case:
    columns: dict[str, list[Any]] = {"user_rate": [], "item_score": [], "device": [], "hour": []}
    requests = []
    for user in USERS:
        for moment in MOMENTS:
            start = len(columns["hour"])
            for item in ITEMS:
                row: tuple[Value, ...] = (user / 10, item / 300, moment["device"], moment["hour"])
                for column, cell in zip(columns.values(), row, strict=True):
                    column.append(cell)
            requests.append(ShimRequest(user, moment, tuple(range(start, start + len(ITEMS))), ITEMS))
    real = len(columns["hour"])
    for row in [(math.nan, 0.5, "tv", 1), (None, math.inf, None, 2), (-0.0, 5e-324, "☃", 3)]:
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return make_case("ranker", RANKER.encode(), columns, tuple(requests), ("probability(1)",), real)


def picker_case() -> Case:
    moments = [(user, moment) for user in USERS for moment in MOMENTS]
    columns: dict[str, list[Any]] = {
        "user_rate": [user / 10 for user, _ in moments],
        "device": [moment["device"] for _, moment in moments],
    }
    requests = tuple(ShimRequest(user, moment, (row,)) for row, (user, moment) in enumerate(moments))
    return make_case("picker", PICKER.encode(), columns, requests, tuple(CLASSES))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    models = write_models(tmp_path_factory.mktemp("parity") / "models")
    with serving(models, JAR, contents(seen={}), "ranker", lambda text: None) as running:
        yield running


@pytest.mark.process
@pytest.mark.parametrize("make", [ranker_case, picker_case])
def test_every_route_answers_with_the_bits_of_the_engine_in_process(services: Any, make: Any) -> None:
    case = make()
    kinds = [*(jpype_route(engine, JAR) for engine in installed_engines(JAR)), *services.kinds(JAR)]

    results = run_case(case, kinds)

    assert failures(results) == []
    ran = {result.route: result for result in results if result.ran}
    assert {
        "jpype jpmml",
        "sidecar http, json",
        "sidecar http, binary",
        "sidecar unix socket, json",
        "sidecar unix socket, binary",
        "sidecar grpc",
        "sidecar unix socket, grpc",
        "shim",
    } <= set(ran)
    for result in ran.values():
        assert result.difference.exact, result.route
        assert result.engine
    assert ran["sidecar http, json"].comparison.rows == case.rows
    assert ran["shim"].comparison.rows == case.real
    assert ran["shim"].not_asked == case.rows - case.real


@pytest.mark.process
def test_hosts_answer_with_the_bits_of_the_engine_in_process(tmp_path: Path) -> None:
    commands: dict[str, list[str]] = {"no host": ["./no-such-host"]}
    for host in HOSTS:
        if host.name != "shim":
            with suppress(NoTools):
                commands[host.name] = host.command()
    models = write_models(tmp_path / "models", engine="compiled")
    with serving(models, JAR, contents(seen={}), "ranker", lambda text: None, commands) as running:
        kinds = [kind for kind in running.kinds(JAR) if kind.real_only]
        results = [result for case in (ranker_case(), picker_case()) for result in run_case(case, kinds)]

    assert {(result.case.model, result.route) for result in results} == {
        (model, route) for model in ("ranker", "picker") for route in ("shim", *commands)
    }
    missing = [result for result in results if result.route == "no host"]
    assert all("./no-such-host cannot be run" in result.refusal and not result.unsupported for result in missing)
    for result in results:
        if result.route != "no host":
            assert result.difference is not None, result.refusal
            assert result.difference.exact, result.route
            assert (result.verdict.passed, result.engine) == (True, "compiled")
            assert result.comparison.rows == result.case.real > 0


@pytest.mark.process
def test_routes_over_tls_answer_with_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Authority(tmp_path, "ours")
    server, client = ours.sign("server"), ours.sign("client")
    for name, file in {
        "TLS_CERT": server.certificate,
        "TLS_KEY": server.key,
        "TLS_CLIENT_CA": ours.file,
        "CA_FILE": ours.file,
        "CLIENT_CERTIFICATE_FILE": client.certificate,
        "CLIENT_KEY_FILE": client.key,
    }.items():
        monkeypatch.setenv(f"PILLION_SIDECAR_{name}", str(file))
    with serving(write_models(tmp_path / "models"), JAR, None, "ranker", lambda text: None) as running:
        results = run_case(ranker_case(), running.kinds(JAR))

    assert failures(results) == []
    ran = {result.route: result for result in results if result.ran}
    assert {"sidecar https, json", "sidecar https, binary", "sidecar grpc over tls"} <= set(ran)
    assert [route for route, result in ran.items() if not result.difference.exact] == []


@pytest.mark.process
def test_the_shim_is_red_where_its_store_holds_other_features_than_the_reference_had(services: Any) -> None:
    case = ranker_case()
    rates: Any = case.columns["user_rate"]
    moved = [rate if row >= len(ITEMS) else rate + 1e-9 for row, rate in enumerate(rates)]
    other = make_case(
        "ranker", RANKER.encode(), {**case.columns, "user_rate": moved}, case.requests, case.score, case.real
    )
    shim = next(kind for kind in services.kinds(JAR) if kind.name == "shim")
    exact = RouteKind("shim", lambda c: _promising(shim.open(c)), real_only=True)
    assert failures(run_case(case, [exact])) == []
    assert "differ from Spark's bits" in failures(run_case(other, [exact]))[0]


def _promising(route: ShimRoute) -> ShimRoute:
    route.arithmetic = "spark"
    return route


@pytest.mark.process
def test_the_shim_is_red_where_another_item_ranks_first(services: Any) -> None:
    case = ranker_case()
    scores = list(case.expected.columns["probability(1)"])
    scores[0], scores[1] = scores[1], scores[0]
    swapped = replace(case, expected=Scores({"probability(1)": scores}, ()))
    shim = next(kind for kind in services.kinds(JAR) if kind.name == "shim")
    result = run_case(swapped, [shim])[0]
    assert result.verdict.ranks_differing == 2


@pytest.mark.process
def test_items_that_the_store_lacks_are_refused_rows_and_not_left_out(services: Any) -> None:
    case = ranker_case()
    first = case.requests[0]
    stranger = replace(first, items=(9999, *first.items[1:]))
    shim = next(kind for kind in services.kinds(JAR) if kind.name == "shim")
    result = run_case(replace(case, requests=(stranger, *case.requests[1:])), [shim])[0]
    assert (result.comparison.refused.tolist(), result.verdict.passed) == ([0], False)
    fewer = run_case(replace(case, requests=case.requests[1:]), [shim])[0]
    assert (len(fewer.comparison.refused), fewer.verdict.passed) == (len(ITEMS), False)


@pytest.mark.process
def test_a_repository_without_kept_pipelines_is_run_on_its_verification_sets(services: Any, tmp_path: Path) -> None:
    outcome = run_models(services.models, "ranker", Amounts(10, 10), None, None, JAR, lambda text: None)
    assert [(case.model, case.rows) for case in outcome.cases] == [("ranker", 2)]
    assert failures(outcome.results) == []
    assert {"jpype jpmml", "sidecar http, json"} <= {result.route for result in outcome.results if result.ran}
    assert "shim" not in {result.route for result in outcome.results}

    with pytest.raises(InvalidInput, match="a host takes features from a store"):
        run_models(
            services.models, "ranker", Amounts(10, 10), None, None, JAR, lambda text: None, hosts={"go": ["go-host"]}
        )


def test_a_scorer_is_asked_in_batches_and_errors_keep_their_rows() -> None:
    def answer(request: ScoreRequest) -> Scores:
        values = list(request.columns["x"])
        return Scores({"y": values}, (RowError(request.rows - 1, "x", "", "bad"),), 1, "compiled")

    scorer = FakeScorer(answer)
    route = ScorerRoute(scorer, "m", {"x": "double"}, ["y"], "spark", batch=4)
    reply = route.score({"x": [float(i) for i in range(10)]}, 10)
    route.close()

    assert reply.columns == {"y": [float(i) for i in range(10)]}
    assert [error.row for error in reply.row_errors] == [3, 7, 9]
    assert [request.rows for request in scorer.requests] == [4, 4, 2]
    assert (route.engine, route.arithmetic) == ("compiled", "spark")
