"""The results as one HTML page that needs no network."""

import math
from collections.abc import Sequence

from pillion.lab.charts import Curve, draw_bars, draw_curves
from pillion.lab.findings import claims, common_size, findings
from pillion.lab.hardware import find_crossing
from pillion.lab.places import OTHER_ENCODINGS
from pillion.lab.questions import HARDWARE, LANGUAGE, PLACE, SIZE
from pillion.lab.results import ModelResults, Results
from pillion.lab.tables import CORE_HOUR, DEVICE_HOUR, limit_s, machine_sentence, table_of
from pillion.parity.html import page_environment

_ABOUT = {
    LANGUAGE: ("Which language", "The same plan and the same rows by programs in each language, on one thread."),
    PLACE: (
        "Which place",
        "The engine in the host's process, in a sidecar beside it, and behind simulated networks, named by their round"
        " trips; each call goes out after the answer to the one before.",
    ),
    HARDWARE: (
        "Which hardware",
        "One thread, all threads, and by PyTorch, here and where one was measured on another device.",
    ),
}


def make_page(results: Results) -> str:
    """Returns the results as a whole HTML document.

    Raises:
        ConfigurationError: The libraries that draw it are not installed.
    """
    template = page_environment("pillion.lab").get_template("lab.html")
    return template.render(
        machines=[(key, machine_sentence(machine)) for key, machine in results.machines.items()],
        quick=results.settings["quick"],
        claims=claims(results),
        core_hour=CORE_HOUR,
        device_hour=DEVICE_HOUR,
        growth=_growth(results),
        models=[_model(model, results, number) for number, model in enumerate(results)],
    )


def _model(model: ModelResults, results: Results, number: int) -> dict[str, object]:
    questions = [
        _question(model, question, results, f"m{number}-{question}")
        for question in _ABOUT
        if model.of(question) or any(asked == question for asked, _ in model.absent)
    ]
    return {"name": model.name, "facts": model.facts, "findings": findings(model), "questions": questions}


def _growth(results: Results) -> list[dict[str, str]]:
    """A drawing for each figure in which made-up models differ: seconds a row over that figure."""
    drawings = []
    for axis, of_axis in results.by_axis().items():
        points: dict[str, list[tuple[float, float]]] = {}
        for model in of_axis:
            for point in model.of(SIZE):
                points.setdefault(point.way, []).append((math.log10(model.facts["value"]), math.log10(point.a_row)))
        curves = [Curve(way, of_way) for way, of_way in points.items()]
        drawings.append({"axis": axis, "drawing": draw_curves(f"size-{axis}", curves, None, axis, "time a row")})
    return drawings


def _question(model: ModelResults, question: str, results: Results, name: str) -> dict[str, object]:
    title, about = _ABOUT[question]
    rows = common_size(model, question)
    bars = ""
    crossing = find_crossing(model) if question == HARDWARE else None
    meeting = None if crossing is None else (math.log10(crossing.rows), math.log10(crossing.seconds))
    if rows is not None:
        of_size = sorted((p for p in model.of(question) if p.rows == rows), key=lambda point: -point.median)
        values = [(point.way, point.a_row) for point in of_size]
        if bandwidth := results.machines[of_size[-1].machine]["bandwidth"]:
            values.append(("bytes ÷ bandwidth", limit_s(model, rows, bandwidth) / rows))
        bars = draw_bars(f"{name}-bars", values)
    return {
        "title": title,
        "about": about,
        "sizes": model.sizes(question),
        "lines": table_of(model, question, results),
        "curves": draw_curves(f"{name}-curves", _curves(model, question, results), meeting),
        "curves_of": "; of the encodings, binary numbers alone" if question == PLACE else "",
        "bars": bars,
        "bars_rows": rows,
        "absent": [(way, why) for (asked, way), why in model.absent.items() if asked == question],
    }


def _curves(model: ModelResults, question: str, results: Results) -> Sequence[Curve]:
    """Seconds of a call over its rows, a curve for each way and machine."""
    curves = []
    several = len({point.machine for point in model.of(question)}) > 1
    for way in model.ways(question):
        if question == PLACE and way.endswith(OTHER_ENCODINGS):
            continue
        points = sorted((p for p in model.of(question) if p.way == way), key=lambda point: point.rows)
        title = f"{way} ({points[0].machine})" if several else way
        curves.append(Curve(title, [(math.log10(p.rows), math.log10(p.median)) for p in points]))
    return curves
