"""What the numbers come to, in sentences: nothing is said that was not measured."""

from collections.abc import Iterator

from pillion.lab.hardware import DEVICE, find_crossing
from pillion.lab.languages import ENGINE, PYTHON
from pillion.lab.places import IN_PROCESS
from pillion.lab.questions import HARDWARE, LANGUAGE, PLACE
from pillion.lab.results import ModelResults, Point, Results


def findings(model: ModelResults) -> list[str]:
    """Returns what was found of a model, a sentence each."""
    return [*_language(model), *_place(model), *_hardware(model)]


def claims(results: Results) -> list[tuple[str, str]]:
    """Returns each common claim with what was measured of it."""
    return [
        ("Python is 10 to 100 × slower than C", _ratios(results, PYTHON, "C")),
        ("Java is 10 to 50 × faster than Python", _ratios(results, PYTHON, "Java")),
        ("Numba is near C", _ratios(results, "Numba", "C")),
        ("GPUs are for batches", _devices(results)),
    ]


def times(seconds: float) -> str:
    """Returns a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def ratio(value: float) -> str:
    """Returns how many times, in two or three digits."""
    return f"{value:,.0f} ×" if value >= 100 else f"{value:.2g} ×" if value < 10 else f"{value:.0f} ×"


def common_size(model: ModelResults, question: str) -> int | None:
    """Returns the largest number of rows that most ways of a question were measured at; None where there is none."""
    sizes = model.sizes(question)
    if not sizes:
        return None
    counts = {rows: sum(point.rows == rows for point in model.of(question)) for rows in sizes}
    most = max(counts.values())
    return max(rows for rows in sizes if counts[rows] == most)


def _language(model: ModelResults) -> Iterator[str]:
    rows = common_size(model, LANGUAGE)
    if rows is None:
        return
    found = sorted((p for p in model.of(LANGUAGE) if p.rows == rows), key=lambda point: point.median)
    fastest, slowest = found[0], found[-1]
    if len(found) > 1:
        yield (
            f"Of {_rows(rows)} in a call, {fastest.way} takes {times(fastest.a_row)} a row and {slowest.way}"
            f" {ratio(slowest.median / fastest.median)} as much, {times(slowest.a_row)}."
        )
    exact = [p.way for p in found if (check := model.checks.get((LANGUAGE, p.way))) and check.exact]
    others = [p.way for p in found if p.way not in exact]
    if others:
        yield f"The engine's bits come from {_list(exact)}; {_list(others)} give other last bits or worse."
    for (question, way), check in model.checks.items():
        if question == LANGUAGE and check.compile_s:
            yield f"{way} compiles for {times(check.compile_s)} before its first call, which is no part of its times."
    engine = model.point(LANGUAGE, ENGINE, rows)
    one = _cheapest_single(model)
    if engine is not None and one is not None:
        yield f"A single row costs {times(one.median)} at the least, by {one.way}."


def _place(model: ModelResults) -> Iterator[str]:
    near, far = "TCP, binary", "1 ms away, binary"
    for way, words in ((near, "a call to a sidecar on the machine"), (far, "a call over a network of 1 ms")):
        pairs = [
            (rows, away.median / here.median)
            for rows in model.sizes(PLACE)
            if (away := model.point(PLACE, way, rows)) and (here := model.point(PLACE, IN_PROCESS, rows))
        ]
        if pairs:
            (fewest, dearest), (most, cheapest) = pairs[0], pairs[-1]
            yield (
                f"For {_rows(fewest)}, {words} costs {ratio(dearest)} what one in the process costs, and"
                f" {ratio(cheapest)} for {_rows(most)}."
            )
    json, binary = model.point(PLACE, "TCP, JSON", 900), model.point(PLACE, near, 900)
    if json is not None and binary is not None:
        yield f"With 900 rows over TCP, JSON takes {ratio(json.median / binary.median)} the time of binary numbers."


def _hardware(model: ModelResults) -> Iterator[str]:
    one = [p for p in model.of(HARDWARE) if p.way == "Pillion, one thread"]
    for point in one[-1:]:
        others = [
            p for p in model.of(HARDWARE) if p.rows == point.rows and p.way.startswith("Pillion") and p.way != point.way
        ]
        for many in others:
            faster = ratio(point.median / many.median)
            yield f"For {_rows(point.rows)}, {many.way.removeprefix('Pillion, ')} are {faster} as fast as one."
    crossing = find_crossing(model)
    if crossing is not None:
        yield (
            f"{crossing.device} overtakes {crossing.processor} at about {crossing.rows:,.0f} rows in a call, transfer"
            " included."
        )
    elif _has_device(model):
        yield "The device overtakes the processor at no size that was measured."
    elif model.of(HARDWARE):
        yield "No device was measured, so nothing is said of one."


def _devices(results: Results) -> str:
    said = []
    for model in results:
        crossing = find_crossing(model)
        if crossing is not None:
            said.append(f"from about {crossing.rows:,.0f} rows on ({model.name})")
        elif _has_device(model):
            said.append(f"at no size ({model.name})")
    return "; ".join(said) if said else "not measured: no device"


def _has_device(model: ModelResults) -> bool:
    return any(point.way.startswith(DEVICE) for point in model.of(HARDWARE))


def _rows(rows: int) -> str:
    return "one row" if rows == 1 else f"{rows:,} rows"


def _cheapest_single(model: ModelResults) -> Point | None:
    singles = [point for point in model.of(LANGUAGE) if point.rows == 1]
    return min(singles, key=lambda point: point.median) if singles else None


def _ratios(results: Results, slower: str, faster: str) -> str:
    """How many times a way takes of another, model by model, at the number of rows that most ways were measured at."""
    said, ratios = [], []
    for model in results:
        rows = common_size(model, LANGUAGE)
        if rows is None:
            continue
        slow, fast = model.point(LANGUAGE, slower, rows), model.point(LANGUAGE, faster, rows)
        if slow is not None and fast is not None:
            ratios.append(slow.median / fast.median)
            said.append(f"{ratio(ratios[-1])} ({model.name}, {_rows(rows)})")
    between = f"{ratio(min(ratios))} to {ratio(max(ratios))}: " if len(ratios) > 1 else ""
    return between + "; ".join(said) if said else "not measured"


def _list(names: list[str]) -> str:
    if len(names) < 2:
        return names[0] if names else "nothing"
    return f"{', '.join(names[:-1])} and {names[-1]}"
