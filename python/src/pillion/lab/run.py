"""A run of the lab: all questions about models, saved as it goes, so that a killed run goes on where it was."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pillion.errors import InvalidInput
from pillion.lab.hardware import hardware_ways
from pillion.lab.lab_model import LabModel, make_lab_model
from pillion.lab.languages import Workspace, language_ways
from pillion.lab.machine import describe_machine, machine_key
from pillion.lab.measure import FULL, QUICK, Count, Effort, Measurement
from pillion.lab.places import place_ways, services
from pillion.lab.questions import HARDWARE, LANGUAGE, PLACE, QUESTIONS, QUICK_QUESTIONS, SIZE
from pillion.lab.results import ModelResults, Results
from pillion.lab.sizes import AXES, QUICK_AXES, MadeModel, made_models

_SIZES: Mapping[str, tuple[int, ...]] = {
    LANGUAGE: (1, 10, 100, 1_000, 10_000, 100_000),
    PLACE: (1, 30, 100, 900),
    HARDWARE: (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
}
_QUICK_SIZES: Mapping[str, tuple[int, ...]] = {
    LANGUAGE: (1, 10, 100, 1_000), PLACE: (1, 30, 900), HARDWARE: (1, 10, 100, 1_000, 10_000),
}  # fmt: skip

_SIZE_ROWS = 1_000


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
        InvalidInput: The file holds something else, or a question is unknown.
    """
    questions = questions or (QUICK_QUESTIONS if quick else QUESTIONS)
    unknown = [name for name in questions if name not in QUESTIONS]
    if unknown:
        raise InvalidInput(f"'{unknown[0]}' is no question of the lab's; those are {', '.join(QUESTIONS)}")
    effort, sizes = (QUICK, _QUICK_SIZES) if quick else (FULL, _SIZES)
    settings: dict[str, Any] = {"quick": quick, **asdict(effort)}
    progress("the machine")
    machine = describe_machine()
    key = machine_key(machine)
    results = Results.load(file) if file.exists() else Results({}, settings)
    if results.settings != settings:
        results = Results({}, settings)
    results.machines.setdefault(key, machine)
    asked = [question for question in questions if question != SIZE]
    for model in models:
        _measure(model, results, key, file, jar, effort, {each: sizes[each] for each in asked}, device, progress, count)
    if SIZE in questions:
        for made in made_models(QUICK_AXES if quick else AXES):
            model = _open(made, jar)
            found = _measure(model, results, key, file, jar, effort, {SIZE: (_SIZE_ROWS,)}, None, progress, count)
            found.facts |= {"axis": made.axis, "value": made.value}
    results.save(file)
    return results


def _measure(
    model: LabModel, results: Results, machine: str, file: Path, jar: Path, effort: Effort,
    asked: Mapping[str, Sequence[int]], device: str | None, progress: Callable[[str], None], count: Count,
) -> ModelResults:  # fmt: skip
    digest = model.digest
    found = results.models.setdefault(digest, ModelResults(model.name, digest, facts_of(model)))
    folder = file.parent / f"{file.stem}.work" / digest[:8]
    workspace = Workspace(folder, model, jar)
    if model.home is not None:
        # What a machine with a device needs to know of it.
        about = {"name": found.name, "digest": digest, "facts": found.facts}
        (folder / "about.json").write_text(json.dumps(about))
    for question, sizes in asked.items():
        progress(f"{model.name}: {question}")
        measurement = Measurement(question, workspace, found, machine, effort, lambda: results.save(file), count)
        _ask(question, workspace, measurement, sizes, device)
    return found


def _open(made: MadeModel, jar: Path) -> LabModel:
    from pillion.scoring.jvm import open_model

    opened = open_model(made.document, "auto", jar)
    try:
        return make_lab_model(f"{made.value:,} {made.axis}", None, made.document, opened, made.columns, made.rows)
    finally:
        opened.close()


def _ask(
    question: str, workspace: Workspace, measurement: Measurement, sizes: Sequence[int], device: str | None
) -> None:
    if question in (LANGUAGE, SIZE):
        measurement.run(language_ways(), sizes)
    elif question == HARDWARE:
        measurement.run(hardware_ways(device), sizes)
    elif (home := workspace.model.home) is not None:
        with services(workspace, home) as running:
            measurement.run(place_ways(running, home.parent.name), sizes)
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
