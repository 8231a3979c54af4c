import ast
import doctest
import inspect
import logging
import sys
from pathlib import Path

import pytest

import pillion.resilience
from pillion.errors import PillionError
from pillion.resilience import Outcome, ResilienceError, classify_connection_errors

_MODULES = sorted(Path(pillion.resilience.__file__).parent.glob("*.py"))


def test_the_example_of_the_package_runs_as_printed() -> None:
    result = doctest.testmod(pillion.resilience)

    assert (result.failed, result.attempted > 0) == (0, True)


def test_all_is_sorted_complete_and_without_strangers() -> None:
    public = pillion.resilience.__all__
    exported = {
        name
        for name, value in vars(pillion.resilience).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }

    assert exported == set(public)
    assert len(public) == len(set(public))


def imports(module: Path) -> set[str]:
    """The top-level names that a module imports; of pillion, two levels."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {".".join(name.split(".")[: 2 if name.startswith("pillion") else 1]) for name in names}


@pytest.mark.parametrize("module", _MODULES, ids=lambda path: path.stem)
def test_a_module_knows_the_standard_library_the_error_tree_and_its_neighbours(module: Path) -> None:
    allowed = {"pillion.errors", "pillion.resilience", "pillion.time_limit"} | (
        {"tenacity"} if module.stem == "retry" else set()
    )

    assert {name for name in imports(module) - allowed if name not in sys.stdlib_module_names} == set()


def test_the_errors_hang_in_the_tree_with_distinct_stable_codes() -> None:
    codes = {cls.__name__: cls.code for cls in ResilienceError.__subclasses__()}

    assert issubclass(ResilienceError, PillionError)
    assert codes == {
        "AttemptTimeout": "attempt_timeout",
        "BreakerOpen": "breaker_open",
        "BulkheadFull": "bulkhead_full",
        "DeadlineExceeded": "deadline_exceeded",
        "LadderExhausted": "ladder_exhausted",
        "Overloaded": "overloaded",
    }
    assert not any(cls.retryable for cls in ResilienceError.__subclasses__())


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectionRefusedError(), Outcome.FAILURE_RETRYABLE),
        (ConnectionResetError(), Outcome.FAILURE),
        (ValueError(), Outcome.FAILURE),
    ],
)
def test_only_a_refused_connection_is_retryable_by_default(error: Exception, outcome: Outcome) -> None:
    assert outcome is classify_connection_errors(error)


def test_the_package_configures_no_handler() -> None:
    assert logging.getLogger("pillion").handlers == []
