"""A plan on a device by PyTorch; it needs PyTorch and NumPy alone, so that it runs on a machine without Pillion.

    python device.py PLAN ROWS DEVICE THREADS          answers the commands of the other programs, and one more:
                                                       apart N CALLS: as time, with the rows on the device already
    python device.py FOLDER --device cuda --out FILE   measures each model of a lab's work folder, within five minutes

Linear models are a product with a matrix; of trees, all rows walk down all trees together, a level at a time.
"""

import argparse
import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT = range(7)
NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN = range(6)
SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
CHECKED_ROWS = 200
_CHUNK = 1 << 24
"""Rows times trees that walk together, so that memory holds them."""
_ROUNDS, _SAMPLE_S, _WARM_S = 5, 0.03, 0.2
_DEADLINE_S = 270.0
_FORMAT = 1


def read_array(file: BinaryIO) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Reads numbers."""
    size = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(8 * size), dtype="<f8").copy()


class DevicePlan:
    """A plan whose numbers are on a device.

    Args:
        path: Of the plan.
        device: `cpu`, `cuda`, ….
    """

    def __init__(self, path: Path, device: str) -> None:
        self.device = torch.device(device)
        with path.open("rb") as file:
            fields, _, rule, outputs, _ = read_array(file).tolist()
            self.fields, self.rule, self.outputs = int(fields), int(rule), int(outputs)
            self.steps = read_array(file).astype(np.int64).reshape(-1, 5).tolist()
            self.constants = read_array(file).tolist()
            self.features = self._ints(file)
            arrays = []
            while file.peek(1):
                arrays.append(torch.from_numpy(read_array(file)).to(self.device))
        self._score = self._linear(arrays) if len(arrays) == 2 else self._trees(arrays)

    def _ints(self, file: BinaryIO) -> Tensor:
        return torch.from_numpy(read_array(file).astype(np.int64)).to(self.device)

    def score(self, rows: Tensor) -> Tensor:
        """Scores rows that are on the device: shape (rows, fields) to (rows, outputs)."""
        return self._score(self._prepare(rows)).reshape(len(rows), self.outputs)

    def from_host(self, rows: Tensor) -> Tensor:
        """Scores rows of the host's memory, and brings the outputs back there."""
        return self.score(rows.to(self.device)).to("cpu")

    def _prepare(self, rows: Tensor) -> Tensor:
        numbers = list(rows.T)
        for operation, first, second, c, count in self.steps:
            a, constants = numbers[first], self.constants[c : c + count]
            if operation == OTHERWISE:
                made = torch.where(torch.isnan(a), constants[0], a)
            elif operation == ADD:
                made = a + numbers[second]
            elif operation == MULTIPLY:
                made = a * numbers[second]
            elif operation == BUCKET:
                bounds = torch.tensor(constants, dtype=torch.float64, device=self.device)
                inside = (torch.searchsorted(bounds, a.contiguous(), right=True) - 1).clamp(max=count - 2)
                made = torch.where(torch.isnan(a), float(count - 1), inside.to(torch.float64))
            elif operation == IS:
                made = (a == constants[0]).to(torch.float64)
            elif operation == SCALE:
                made = (a - constants[0]) * constants[1]
            else:
                made = torch.full_like(numbers[0], constants[0])
            numbers.append(made)
        return torch.stack(numbers)[self.features].T

    def _linear(self, arrays: list[Tensor]) -> Callable[[Tensor], Tensor]:
        intercepts, flat = arrays
        coefficients = flat.reshape(len(intercepts), -1).T

        def score(features: Tensor) -> Tensor:
            margins = features @ coefficients + intercepts
            if self.rule == SOFTMAX:
                return torch.softmax(margins, dim=1)
            return logistic(margins[:, 0]) if self.rule == LOGISTIC else margins

        return score

    def _trees(self, arrays: list[Tensor]) -> Callable[[Tensor], Tensor]:
        weights, roots, feature, threshold, left, right, first, count, goes_left, values = arrays
        roots, feature, left, right, first = (each.to(torch.int64) for each in (roots, feature, left, right, first))
        categorical = bool((first >= 0).any())
        width = self.outputs if self.rule == VOTES else 1
        leaf_values = values.reshape(-1, width)

        def leaves(features: Tensor) -> Tensor:
            nodes = roots.expand(len(features), -1)
            while True:
                at = feature[nodes]
                inner = at >= 0
                if not bool(inner.any()):
                    return left[nodes]
                value = torch.gather(features, 1, at.clamp(min=0))
                goes = value <= threshold[nodes]
                if categorical:
                    start = first[nodes]
                    known = (start >= 0) & (value < count[nodes])
                    code = torch.where(known, start + torch.where(known, value, 0.0).to(torch.int64), 0)
                    goes = torch.where(start >= 0, known & (goes_left[code] != 0), goes)
                nodes = torch.where(inner, torch.where(goes, left[nodes], right[nodes]), nodes)

        def some(features: Tensor) -> Tensor:
            found = leaf_values[leaves(features)]
            if self.rule == VOTES:
                votes = found.sum(dim=1)
                return votes / votes.sum(dim=1, keepdim=True)
            if self.rule == MEAN:
                return found.mean(dim=1)
            margins = found[:, :, 0] @ weights
            return logistic(2.0 * margins) if self.rule == BOOSTED_LOGISTIC else margins.unsqueeze(1)

        def score(features: Tensor) -> Tensor:
            return torch.cat([some(part) for part in features.split(max(1, _CHUNK // len(roots)))])

        return score


def logistic(margins: Tensor) -> Tensor:
    """The probabilities of both classes."""
    negative = 1.0 / (1.0 + torch.exp(margins))
    return torch.stack([negative, 1.0 - negative], dim=1)


def read_rows(path: Path, fields: int) -> Tensor:
    """Reads rows, shape (rows, fields)."""
    with path.open("rb") as file:
        return torch.from_numpy(read_array(file).reshape(-1, fields))


def repeated(known: Tensor, rows: int) -> Tensor:
    """So many rows, those that are known again and again."""
    return known[torch.arange(rows) % len(known)]


def seconds(plan: DevicePlan, call: Callable[[], Tensor], calls: int) -> float:
    """The time of all calls, until the device has done them."""
    synchronise(plan)
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    synchronise(plan)
    return time.perf_counter() - begin


def synchronise(plan: DevicePlan) -> None:
    """Waits for the device."""
    if plan.device.type == "cuda":
        torch.cuda.synchronize(plan.device)


def answer_commands(plan_file: str, rows_file: str, device: str, threads: str) -> None:
    """Answers commands until standard input ends."""
    torch.set_num_threads(int(threads))
    plan = DevicePlan(Path(plan_file), device)
    known = read_rows(Path(rows_file), plan.fields)
    rows = there = known
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        if len(rows) != int(size):
            rows = repeated(known, int(size))
            there = rows.to(plan.device)
        if command == "check":
            plan.from_host(rows).numpy().tofile(rest)
            print(0, flush=True)
            continue
        call = partial(plan.from_host, rows) if command == "time" else partial(plan.score, there)
        print(round(1e9 * seconds(plan, call, int(rest))), flush=True)


def measure(folder: Path, device: str, machine: str, deadline: float) -> dict[str, Any]:
    """Measures one model, and returns its results in the form of the lab's file."""
    found: dict[str, Any] = json.loads((folder / "about.json").read_text())
    plan = DevicePlan(folder / "plan.bin", device)
    known = read_rows(folder / "rows.bin", plan.fields)
    expected = np.fromfile(folder / "expected.bin").reshape(-1, plan.outputs)[:CHECKED_ROWS]
    outputs = plan.from_host(known[:CHECKED_ROWS]).numpy()
    way = f"PyTorch on {device}"
    check = {
        "question": "hardware", "way": way, "values": expected.size,
        "differing": int(np.count_nonzero(outputs.view(np.int64) != expected.view(np.int64))),
        "ulps": steps_apart(outputs, expected), "difference": float(np.abs(outputs - expected).max()),
        "contracts": False,
    }  # fmt: skip
    result = {**found, "checks": [check], "points": [], "absent": [], "omitted": []}
    for size in SIZES:
        why = f"the {_DEADLINE_S:g} s that all of it may take were over"
        if time.monotonic() < deadline:
            try:
                result["points"].append(
                    {
                        "question": "hardware",
                        "way": way,
                        "rows": size,
                        "machine": machine,
                        **_sampled(plan, known, size),
                    }
                )
                continue
            except torch.OutOfMemoryError:
                why = "the device has too little memory"
        result["omitted"].append({"question": "hardware", "way": way, "rows": size, "why": why})
    return result


def steps_apart(a: "np.ndarray[Any, Any]", b: "np.ndarray[Any, Any]") -> int:
    """The largest distance of two arrays in representable doubles; their numbers are finite and have one sign."""
    return int(np.abs(np.ascontiguousarray(a).view(np.int64) - np.ascontiguousarray(b).view(np.int64)).max())


def _sampled(plan: DevicePlan, known: Tensor, size: int) -> dict[str, Any]:
    rows = repeated(known, size)
    there = rows.to(plan.device)
    whole = _samples(plan, lambda: plan.from_host(rows))
    alone = _samples(plan, lambda: plan.score(there))
    return {"seconds": whole, "apart": {"on the device": sorted(alone)[len(alone) // 2]}}


def _samples(plan: DevicePlan, call: Callable[[], Tensor]) -> list[float]:
    spent, calls, last = 0.0, 1, 0.0
    while spent < _WARM_S:
        last = seconds(plan, call, calls) / calls
        spent += last * calls
        calls *= 2
    calls = max(1, round(_SAMPLE_S / last))
    return [seconds(plan, call, calls) / calls for _ in range(_ROUNDS)]


def main() -> None:
    """Measures all models of a work folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--out", type=Path, default=Path("lab-gpu.json"))
    options = parser.parse_args()
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("PyTorch sees no CUDA device here; --device cpu measures the processor")
    folders = sorted(path.parent for path in options.folder.glob("*/about.json"))
    if not folders:
        parser.error(f"{options.folder} holds no models; `pillion lab` leaves them beside its page, in a .work folder")
    processor = platform.processor() or platform.machine()
    name = torch.cuda.get_device_name() if options.device.startswith("cuda") else processor
    machine = {
        "processor": processor, "cores": torch.get_num_threads(), "caches": {},
        "memory_bytes": 0, "system": f"{platform.system()} {platform.machine()}", "bandwidth": 0.0,
        "device": f"{name}, PyTorch {torch.__version__}",
    }  # fmt: skip
    key = hashlib.sha256(repr(machine).encode()).hexdigest()[:8]
    begin = time.monotonic()
    models = []
    for number, folder in enumerate(folders, 1):
        models.append(measure(folder, options.device, key, begin + _DEADLINE_S * number / len(folders)))
        print(f"{models[-1]['name']}: {len(models[-1]['points'])} points", flush=True)
    whole = {"format": _FORMAT, "machines": {key: machine}, "settings": {}, "models": models}
    options.out.write_text(json.dumps(whole, indent=1) + "\n")
    print(f"{options.out}: bring it back and merge it with `pillion lab … --merge {options.out}`")


if __name__ == "__main__":
    if len(sys.argv) == 5 and not sys.argv[2].startswith("-"):
        answer_commands(*sys.argv[1:])
    else:
        main()
