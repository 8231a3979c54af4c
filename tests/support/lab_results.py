"""Results of the lab, made up."""

from pillion.lab.results import Check, ModelResults, Point, Results

FACTS = {
    "kind": "trees", "inputs": 9, "features": 9, "steps": 0, "trees": 100, "outputs": 2, "rows": 1000,
    "model_bytes": 8000, "row_bytes": 88, "engine": "compiled", "arithmetic": "spark", "unsupported": "",
}  # fmt: skip
MACHINE = {
    "processor": "p", "cores": 2, "caches": {"L1": "48K"}, "memory_bytes": 1 << 30, "system": "Linux",
    "bandwidth": 8e9,
}  # fmt: skip


def results() -> Results:
    model = ModelResults("late", "d", dict(FACTS))
    for way, a_row in (("plain Python", 1e-4), ("Java", 2e-6), ("C", 1e-6)):
        for rows in (1, 100):
            model.add(Point("language", way, rows, "here", (a_row * rows,) * 3))
        model.checks["language", way] = Check(400, 0, 0, 0.0)
    model.checks["language", "C"] = Check(400, 3, 2, 1e-16, contracts=True)
    model.absent["language", "Go"] = "Go needs its compiler, and there is none on PATH"
    model.omitted["language", "plain Python", 1000] = "too slow"
    return Results({"here": MACHINE}, {"quick": False}, {"d": model})


def with_device(a_row: float, start: float) -> Results:
    made = results()
    made.machines["there"] = {**MACHINE, "device": "H100", "bandwidth": 0.0}
    model = made.models["d"]
    for rows in (1, 100, 10_000):
        model.add(Point("hardware", "C, one thread", rows, "here", (1e-6 * rows,)))
        seconds = (start + a_row * rows,)
        model.add(Point("hardware", "PyTorch on cuda", rows, "there", seconds, {"on the device": 1e-6}))
    return made
