"""A run of the lab: all questions about models, saved as it goes, so that a killed run goes on where it was."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pillion.errors import InvalidInput
from pillion.lab.delay_proxy import Network
from pillion.lab.hardware import hardware_ways
from pillion.lab.lab_model import LabModel, make_lab_model
from pillion.lab.languages import language_ways
from pillion.lab.machine import describe_machine, machine_key
from pillion.lab.measure import CHECKED_ROWS, Count, Effort, Measurement
from pillion.lab.places import NETWORKS, place_ways, services
from pillion.lab.questions import HARDWARE, LANGUAGE, PLACE, QUESTIONS, QUICK_QUESTIONS, SIZE
from pillion.lab.results import ModelResults, Results
from pillion.lab.sizes import AXES, QUICK_AXES, MadeModel, made_models
from pillion.lab.workspace import Workspace

_SIZE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is measured.

    Attributes:
        effort: How long and how often.
        sizes: Numbers of rows in a call, by question.
        networks: Those that are simulated.
        slow: Whether ways are measured that take long to be built or to start.
        axes: Figures of the made-up models.
        checked: So many rows of each way are compared.
    """

    effort: Effort
    sizes: Mapping[str, tuple[int, ...]]
    networks: Mapping[str, Network]
    slow: bool
    axes: Mapping[str, tuple[int, ...]]
    checked: int = CHECKED_ROWS


FULL = Scope(
    Effort(rounds=5, sample_s=0.05, warm_s=0.25, call_s=2.0),
    {
        LANGUAGE: (1, 10, 100, 1_000, 10_000),
        PLACE: (1, 30, 100, 900),
        HARDWARE: (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
    },
    NETWORKS,
    True,
    AXES,
)
QUICK = Scope(
    Effort(rounds=3, sample_s=0.01, warm_s=0.1, call_s=0.5),
    {LANGUAGE: (1, 100, 1_000), PLACE: (1, 900), HARDWARE: (1, 100, 10_000)},
    {"1 ms away": NETWORKS["1 ms away"]},
    False,
    QUICK_AXES,
    checked=50,
)


def run_lab(
    models: Sequence[LabModel],
    file: Path,
    jar: Path,
    *,
    questions: Sequence[str] | None = None,
    quick: bool = False,
    device: str | None = None,
    progress: Callable[[str], None] = lambda text: None,
    count: Count = lambda what, done, total: None,
) -> Results:
    """Measures models, and returns what was found, of earlier runs with the same settings as well.

    Args:
        models: What is measured.
        file: Takes the results; what is there is not measured again.
        jar: The sidecar's.
        questions: Which are asked; all, or those of a run in a hurry, where left out.
        quick: Whether fewer and shorter samples of fewer sizes are taken.
        device: One of PyTorch's, such as `cuda`, that is measured beside the processor.
        progress: Is told what begins.
        count: Is told how many samples are done.

    Raises:
        InvalidInput: The file holds something else, or results of another effort; or a question is unknown.
    """
    questions = questions or (QUICK_QUESTIONS if quick else QUESTIONS)
    unknown = [name for name in questions if name not in QUESTIONS]
    if unknown:
        raise InvalidInput(f"'{unknown[0]}' is no question of the lab's; those are {', '.join(QUESTIONS)}")
    scope = QUICK if quick else FULL
    settings: dict[str, Any] = {"quick": quick, **asdict(scope.effort)}
    results = Results.load(file) if file.exists() else Results({}, settings)
    if results.settings != settings:
        of = "with --quick" if results.settings.get("quick") else "with other samples"
        raise InvalidInput(f"{file} holds results of a run {of}; name another --out, or remove it to measure anew")
    progress("the machine")
    machine = describe_machine()
    key = machine_key(machine)
    results.machines.setdefault(key, machine)
    asked = [question for question in questions if question != SIZE]
    for model in models:
        _measure(model, results, key, file, jar, asked, scope, device, progress, count)
    if SIZE in questions:
        for made in made_models(scope.axes):
            model = _open(made, jar)
            found = _measure(model, results, key, file, jar, [SIZE], scope, None, progress, count)
            found.facts |= {"axis": made.axis, "value": made.value}
    results.save(file)
    return results


def _measure(
    model: LabModel, results: Results, machine: str, file: Path, jar: Path, questions: Sequence[str], scope: Scope,
    device: str | None, progress: Callable[[str], None], count: Count,
) -> ModelResults:  # fmt: skip
    digest = model.digest
    found = results.models.setdefault(digest, ModelResults(model.name, digest, facts_of(model)))
    folder = file.parent / f"{file.stem}.work" / digest[:8]
    with Workspace(folder, model, jar) as workspace:
        if model.home is not None and not model.unsupported:
            # What a machine with a device needs to know of it.
            about = {"name": found.name, "digest": digest, "facts": found.facts}
            (folder / "about.json").write_text(json.dumps(about))
        for question in questions:
            progress(f"{model.name}: {question}")
            measurement = Measurement(
                question, workspace, found, machine, scope.effort, lambda: results.save(file), count, scope.checked
            )
            _ask(question, workspace, measurement, scope, device)
    return found


def _open(made: MadeModel, jar: Path) -> LabModel:
    from pillion.scoring.jvm import open_model

    opened = open_model(made.document, "auto", jar)
    try:
        return make_lab_model(f"{made.value:,} {made.axis}", None, made.document, opened, made.columns, made.rows)
    finally:
        opened.close()


def _ask(question: str, workspace: Workspace, measurement: Measurement, scope: Scope, device: str | None) -> None:
    if question == LANGUAGE:
        measurement.run(language_ways(slow=scope.slow), scope.sizes[LANGUAGE])
    elif question == SIZE:
        measurement.run(language_ways(slow=scope.slow), (_SIZE_ROWS,))
    elif question == HARDWARE:
        measurement.run(hardware_ways(device), scope.sizes[HARDWARE])
    elif (home := workspace.model.home) is not None:
        with services(workspace, home, scope.networks) as running:
            measurement.run(place_ways(running, home.parent.name), scope.sizes[PLACE])
    else:
        measurement.leave_out("the sidecar", "it serves a published version, and this document is in no repository")


def facts_of(model: LabModel) -> dict[str, Any]:
    """Returns what a model is, for the page."""
    flat = model.flat
    return {
        "kind": "of a kind that no program computes" if flat is None else flat.model.kind,
        "inputs": len(model.types),
        "features": 0 if flat is None else len(flat.features),
        "steps": 0 if flat is None else len(flat.steps),
        "trees": 0 if flat is None else flat.model.trees,
        "outputs": len(model.outputs),
        "rows": model.rows,
        "model_bytes": model.model_bytes,
        "row_bytes": model.row_bytes,
        "engine": model.engine,
        "arithmetic": model.arithmetic,
        "unsupported": model.unsupported,
    }
