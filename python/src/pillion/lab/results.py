"""What the lab measured, as JSON that a later run goes on with, and that another machine's results are merged into."""

import json
import os
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import orjson

from pillion.errors import InvalidInput
from pillion.parity.ulps import ulps

FORMAT = 1
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Check:
    """A way's outputs beside the engine's.

    Attributes:
        values: How many were compared.
        differing: How many have other bits.
        ulps: The largest distance in representable doubles; −1 where a number stands beside a NaN.
        difference: The largest absolute difference of two finite numbers.
        contracts: Whether a compiler made fused multiply-adds where the program has products and sums.
        compile_s: Seconds of compiling before the first call, which are no part of a time.
    """

    values: int
    differing: int
    ulps: int
    difference: float
    contracts: bool = False
    compile_s: float = 0.0

    @classmethod
    def of(cls, outputs: Doubles, expected: Doubles, *, contracts: bool = False, compile_s: float = 0.0) -> Self:
        """Compares outputs, both of shape (rows, outputs)."""
        distances = ulps(outputs.ravel(), expected.ravel())
        farthest = int(distances.max(initial=0))
        with np.errstate(invalid="ignore"):
            gaps = np.abs(outputs - expected)
        gap = float(gaps[np.isfinite(gaps)].max(initial=0.0))
        ulps_apart = farthest if farthest < 2**63 else -1
        return cls(distances.size, int(np.count_nonzero(distances)), ulps_apart, gap, contracts, compile_s)

    @property
    def exact(self) -> bool:
        """Whether all bits are the engine's."""
        return self.differing == 0

    @property
    def sentence(self) -> str:
        """What was found, in a few words."""
        fused = "; the compiler contracts to FMA" if self.contracts else ""
        if self.exact:
            return f"the engine's bits{fused}"
        far = "a NaN" if self.ulps < 0 else f"{self.difference:.1e} ({self.ulps:,} ULPs)"
        return f"{self.differing:,} of {self.values:,} differ, by up to {far}{fused}"


@dataclass(frozen=True, slots=True)
class Point:
    """How long a way takes for so many rows.

    Attributes:
        question: `language`, `place`, `hardware` or `size`.
        way: Its name.
        rows: Of one call.
        machine: Which one, by its key among the machines.
        seconds: Of a call, one for each round.
        apart: Seconds of a call without what belongs to it, such as the transfer to a device, by name.
    """

    question: str
    way: str
    rows: int
    machine: str
    seconds: tuple[float, ...]
    apart: Mapping[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Seconds of a call, in the middle of all rounds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles of a call's seconds."""
        if len(self.seconds) < 2:
            return self.seconds[0], self.seconds[0]
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def a_row(self) -> float:
        """Median seconds a row."""
        return self.median / self.rows


@dataclass(slots=True)
class ModelResults:
    """All that was measured of a model.

    Attributes:
        name: Of the model.
        digest: Tells it and its rows from others.
        facts: What it is: its kind, sizes, engine and arithmetic.
        checks: By question and way.
        points: All.
        absent: By question and way, why one was left out.
        omitted: By question, way and number of rows, why a point was left out.
    """

    name: str
    digest: str
    facts: dict[str, Any]
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    points: dict[tuple[str, str, int, str], Point] = field(default_factory=dict)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)
    omitted: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def of(self, question: str) -> list[Point]:
        """Returns the points of a question, as they were measured."""
        return [point for point in self.points.values() if point.question == question]

    def point(self, question: str, way: str, rows: int) -> Point | None:
        """Returns a point; of whichever machine."""
        found = (p for p in self.points.values() if (p.question, p.way, p.rows) == (question, way, rows))
        return next(found, None)

    def sizes(self, question: str) -> list[int]:
        """Returns the numbers of rows that were measured."""
        return sorted({point.rows for point in self.of(question)})

    def ways(self, question: str) -> list[str]:
        """Returns the ways that were measured."""
        return list(dict.fromkeys(point.way for point in self.of(question)))

    def add(self, point: Point) -> None:
        """Adds the rounds of a point to those that are there."""
        key = (point.question, point.way, point.rows, point.machine)
        before = self.points.get(key)
        seconds = point.seconds if before is None else before.seconds + point.seconds
        self.points[key] = Point(point.question, point.way, point.rows, point.machine, seconds, point.apart)

    def to_json(self) -> dict[str, Any]:
        """Returns the results as JSON has them."""
        return {
            "name": self.name,
            "digest": self.digest,
            "facts": self.facts,
            "checks": [{"question": q, "way": w, **asdict(check)} for (q, w), check in self.checks.items()],
            "points": [asdict(point) for point in self.points.values()],
            "absent": [{"question": q, "way": w, "why": why} for (q, w), why in self.absent.items()],
            "omitted": [{"question": q, "way": w, "rows": n, "why": why} for (q, w, n), why in self.omitted.items()],
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Self:
        """Returns the results that `to_json` gave."""
        made = cls(found["name"], found["digest"], dict(found["facts"]))
        for each in found["checks"]:
            made.checks[each["question"], each["way"]] = Check(
                **{name: value for name, value in each.items() if name not in ("question", "way")}
            )
        for each in found["points"]:
            made.add(Point(**{**each, "seconds": tuple(each["seconds"])}))
        for each in found["absent"]:
            made.absent[each["question"], each["way"]] = each["why"]
        for each in found["omitted"]:
            made.omitted[each["question"], each["way"], each["rows"]] = each["why"]
        return made


@dataclass(slots=True)
class Results:
    """All that a run measured.

    Attributes:
        machines: What each is, by its key; points name theirs.
        settings: How long and how often was measured.
        models: Their results, by digest.
    """

    machines: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    models: dict[str, ModelResults] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ModelResults]:
        """All but those that were made up for the question of the size."""
        return (model for model in self.models.values() if "axis" not in model.facts)

    @property
    def made(self) -> list[ModelResults]:
        """The models that were made up."""
        return [model for model in self.models.values() if "axis" in model.facts]

    def by_axis(self) -> dict[str, list[ModelResults]]:
        """Returns the models that were made up, by the figure in which they differ, the smallest first."""
        found: dict[str, list[ModelResults]] = {}
        for model in self.made:
            found.setdefault(model.facts["axis"], []).append(model)
        return {axis: sorted(models, key=lambda model: model.facts["value"]) for axis, models in found.items()}

    def merge(self, other: "Results") -> None:
        """Adds what another machine measured of the same models.

        Raises:
            InvalidInput: It measured other models.
        """
        strange = [model.name for model in other if model.digest not in self.models]
        if strange:
            raise InvalidInput(
                f"the results of '{strange[0]}' are of another document or other rows than those measured here; "
                "measure the same published version on both machines"
            )
        self.machines |= other.machines
        for model in other:
            mine = self.models[model.digest]
            for key, point in model.points.items():
                mine.points[key] = point
            mine.checks |= {key: check for key, check in model.checks.items() if key not in mine.checks}
            for asked in model.checks:
                mine.absent.pop(asked, None)

    def save(self, path: Path) -> None:
        """Writes them, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        found = {
            "format": FORMAT,
            "machines": self.machines,
            "settings": self.settings,
            "models": [model.to_json() for model in self.models.values()],
        }
        scratch.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        scratch.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads them.

        Raises:
            InvalidInput: The file can't be read, or is no results of the lab's.
        """
        try:
            found = json.loads(path.read_bytes())
            if found["format"] != FORMAT:
                raise InvalidInput(f"{path} is of format {found['format']}, and this Pillion reads {FORMAT}")
            models = [ModelResults.of_json(each) for each in found["models"]]
            return cls(found["machines"], found["settings"], {model.digest: model for model in models})
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"{path} holds no results of `pillion lab`: {error}") from error
