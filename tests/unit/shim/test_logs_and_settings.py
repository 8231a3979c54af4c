import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr, ValidationError

from pillion import config
from pillion.config import LogSettings, RecommendSettings, ShimSettings, SidecarSettings, StoreSettings
from pillion.logs import configure_logs


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    pillion_level = logging.getLogger("pillion").level
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("pillion").setLevel(pillion_level)
    structlog.reset_defaults()


def test_json_logs_are_one_object_a_line_with_the_requests_id(restored: None) -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(format="json"), stream)

    with structlog.contextvars.bound_contextvars(request_id="r1"):
        logging.getLogger("pillion.shim").info("served %d", 3, extra={"status": 200})
        structlog.get_logger("pillion.cli").info("started", port=8000)
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("pillion.x").exception("failed")
    logging.getLogger("pillion.x").debug("unseen")

    first, second, third = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (first["event"], first["request_id"], first["level"], first["status"]) == (
        "served 3",
        "r1",
        "info",
        200,
    )
    assert first["logger"] == "pillion.shim"
    assert (second["event"], second["port"], second["request_id"]) == ("started", 8000, "r1")
    assert "ValueError: why" in third["exception"]


def test_text_logs_are_for_people(restored: None) -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(level="debug"), stream)

    logging.getLogger("pillion.x").debug("seen")

    assert "seen" in stream.getvalue()
    assert "{" not in stream.getvalue()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILLION_STORE_URL", "redis://elsewhere:1/2")
    monkeypatch.setenv("PILLION_RECOMMEND_SEGMENT_FIELDS", '["device"]')
    monkeypatch.setenv("PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS", "12.5")

    assert StoreSettings().url == "redis://elsewhere:1/2"
    assert RecommendSettings().segment_fields == ("device",)
    assert SidecarSettings().attempt_timeout_ms == 12.5


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (ShimSettings, "port", 65536),
        (ShimSettings, "port", -1),
        (RecommendSettings, "deadline_ms", 0),
        (RecommendSettings, "fallback_check_share", 1.5),
        (StoreSettings, "max_connections", 0),
        (LogSettings, "format", "xml"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(kind: Any, field: str, value: float | str) -> None:
    with pytest.raises(ValidationError, match=field):
        kind(**{field: value})


def test_passwords_are_never_printed() -> None:
    settings = StoreSettings(url="rediss://me:hunter2@host:6379/0", password=SecretStr("hunter3"))

    for text in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "hunter" not in text
        assert "rediss://me:***@host:6379/0" in text
    assert settings.url == "rediss://me:hunter2@host:6379/0"


def test_every_setting_says_what_it_is() -> None:
    for kind in (StoreSettings, SidecarSettings, RecommendSettings, ShimSettings, config.LogSettings):
        for name, field in kind.model_fields.items():
            assert field.description, f"{kind.__name__}.{name}"


@pytest.mark.parametrize(("processors", "workers"), [(3, 3), (64, 4), (None, 1)])
def test_workers_are_counted_where_the_system_has_no_affinity(
    processors: int | None, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PILLION_SHIM_WORKERS", raising=False)
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert ShimSettings().workers == workers
