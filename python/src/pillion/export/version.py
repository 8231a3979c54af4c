"""A version of a model: its files, what was proved of it, and its folder in a model repository.

The folder is written under a temporary name and renamed, so that a reader sees all of it or nothing.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, InvalidInput, NotReproduced
from pillion.export.served import check_served
from pillion.lab.questions import QUICK_QUESTIONS
from pillion.parity import Report
from pillion.parity.run import Result, ranked_by
from pillion.parity.summary import summarise
from pillion.project import Project, find_project
from pillion.scoring import ClassRanking, ModelRepository, Ranking, ScoreRanking
from pillion.scoring.repository import FORMAT, MANIFEST, NO_ENGINE
from pillion.scoring.scorer import EXACT_ARITHMETIC
from pillion.tabular import field_forms

if TYPE_CHECKING:
    from pillion.export.difference import StageDifference
    from pillion.lab.benchmark import Benchmark


@dataclass(frozen=True, slots=True)
class Version:
    """A version's files, ready to be written, and what was proved of it.

    Attributes:
        name: of the model.
        manifest: of the version, without model and version number.
        files: contents by name.
        results: what each installed engine made of the verification set, in the order of `auto`.
        cleared: the engine that the version is cleared for; None where no engine passed.
        difference: where the engine that promises Spark's bits left Spark, if it did.
        notes: what whoever trained the model should know, a sentence each: of the session, and of rows left out.
    """

    name: str
    manifest: dict[str, Any] = field(repr=False)
    files: dict[str, bytes] = field(repr=False)
    results: tuple[Result, ...] = field(repr=False)
    cleared: str | None
    difference: "StageDifference | None" = None
    notes: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Why no engine passed: what the best one did, and the first stage that differs."""
        where = "" if self.difference is None else f"; {self.difference}"
        return self._problem + where

    @property
    def _problem(self) -> str:
        for result in self.results:
            if result.verdict is not None and not result.verdict.passed:
                return f"engine '{result.engine}': {'; '.join(result.verdict.problems)}"
        return "; ".join(f"engine '{result.route}': {result.refusal}" for result in self.results if not result.ran)

    @property
    def arithmetic(self) -> str | None:
        """Whose arithmetic the cleared engine computes in, `spark` or `jpmml`; None where no engine passed."""
        best = self._best
        return None if best is None else best.arithmetic

    @property
    def inexact(self) -> str | None:
        """Why the version is not computed to Spark's bits, in a sentence; None where it is."""
        if self.arithmetic == EXACT_ARITHMETIC:
            return None
        if self.manifest.get("pmml") == "model only":
            return f"the document holds no plan of Spark's: {self.manifest.get('pmml_reason')}"
        return self.problem or None

    @property
    def _best(self) -> Result | None:
        return next((result for result in self.results if result.ran and result.engine == self.cleared), None)

    def report(self, quality: Mapping[str, float | int | str] | None = None) -> Report:
        """Returns what was proved: the verdict, each engine against Spark, the worst rows, plots.

        A notebook shows it; `save` writes it as one HTML page.

        Args:
            quality: How good the model is, a number for each measure, as the caller found it.

        Example:
            >>> version.report().passed
            True
            >>> version.report().save("report.html")
            PosixPath('report.html')
        """
        problems = () if self.cleared is not None else (f"{self.name}: {self.problem}",)
        about = {"created": self.manifest["created"], "spark": self.manifest["spark"], "quality": dict(quality or {})}
        cases = [result.case for result in self.results[:1]]
        return Report(summarise(cases, self.results, problems, about))

    def benchmark(
        self,
        frame: Any,
        *,
        questions: Sequence[str] = QUICK_QUESTIONS,
        quick: bool = True,
        jar: Path | None = None,
        progress: Callable[[str], None] = lambda text: None,
    ) -> "Benchmark":
        """Measures the version in every language, place and on every processor there is, outputs compared first.

        It is what `pillion lab` does for a published version; nothing is published.

        Args:
            frame: Rows, of pandas or of Spark's, with the model's inputs; the first thousand are taken.
            questions: Which are asked of `language`, `place`, `hardware` and `size`.
            quick: Whether fewer and shorter samples are taken.
            jar: The sidecar's; that of the wheel where left out.
            progress: Is told what begins.

        Returns:
            Times beside what was found of the outputs: text, a page, and all samples.

        Raises:
            InvalidInput: The frame lacks columns, or no row can be scored.
        """
        from pillion.lab.benchmark import benchmark_version

        with tempfile.TemporaryDirectory(prefix="pillion-lab-") as scratch:
            home = Path(scratch) / name_in_repository(self.name) / "1"
            self.write(home, self.name, 1)
            return benchmark_version(
                home, frame, jar or SidecarSettings().jar, questions=questions, quick=quick, progress=progress
            )

    def publish(
        self,
        models: Path | str,
        name: str | None = None,
        *,
        project: Project | Path | str | None = None,
        require_exact: bool = False,
    ) -> Path:
        """Writes the version into a model repository under the next free number, and returns its folder.

        Two publishers at once get two numbers, and a version that is there is never written over.

        Args:
            models: The model repository.
            name: The model's; that of the project file, or of the export, where left out.
            project: What says how the model ranks and where its inputs come from, or its file; where left out,
                `PILLION_CONFIG`, `./pillion.toml` or the repository's. Without any, the model ranks nothing.
            require_exact: Whether a version is refused that is not computed to Spark's bits.

        Raises:
            NotReproduced: No engine passed, or none that is exact where that is required; nothing is written.
            ConfigurationError: The project file does not fit the model, or the repository can't be written.
            InvalidInput: The project file ranks by an output that the version lacks.

        Example:
            >>> version.publish("models", "late")
            PosixPath('models/late/1')
            >>> version.publish("models", "late")
            PosixPath('models/late/2')
        """
        repository = Path(models)
        if not isinstance(project, Project):
            project = find_project(None if project is None else Path(project), repository)
        name = name_in_repository(name or project.model or self.name)
        forms = field_forms(self.manifest["schema"])
        types = {
            given["name"]: forms.get(given["name"], given["type"]) for given in self.manifest["contract"]["inputs"]
        }
        served = None if project.file is None else check_served(project, types, f"the model '{name}'")
        version = self if served is None else self.served_as(served.ranking, served.sources)
        if version.cleared is None:
            raise NotReproduced(f"the model '{name}' is not published: {version.problem}")
        if require_exact and version.inexact is not None:
            raise NotReproduced(
                f"the model '{name}' is not published, since no engine computes it to Spark's bits: {version.inexact}"
            )
        return version.write_next(repository, name)

    def served_as(self, ranking: Ranking | None, sources: Mapping[str, str]) -> "Version":
        """Returns the version with how its outputs become items in order, held against Spark's ranks.

        Args:
            ranking: How; None for a model that ranks nothing.
            sources: Where its inputs come from, `user`, `item` or `online`, by name.

        Raises:
            InvalidInput: The ranking names an output that the version does not have.
        """
        score = None if ranking is None else ranking.outputs
        absent = sorted(set(score or ()) - {output["name"] for output in self.manifest["outputs"]})
        if absent:
            raise InvalidInput(f"the ranking names '{absent[0]}', which is not an output of the document", absent[0])
        results = self.results if score is None else tuple(ranked_by(result, score) for result in self.results)
        version = replace(self, results=results)
        best = version._best
        passed = best is not None and best.verdict is not None and best.verdict.passed
        kept = self.manifest["verification"]["rows"]
        inputs = [_with_source(given, sources) for given in self.manifest["contract"]["inputs"]]
        manifest = {
            **self.manifest,
            "engine": self.cleared if passed else NO_ENGINE,
            "contract": {"inputs": inputs},
            "ranking": _ranking(ranking),
            "parity": {result.route: record(result, kept) for result in results},
        }
        return replace(version, manifest=manifest, cleared=self.cleared if passed else None)

    def write_next(self, repository: Path, name: str) -> Path:
        """Writes the version's folder under the next free number of a model, whole or not at all.

        Raises:
            ConfigurationError: The repository can't be written.
        """
        while True:
            number = (ModelRepository(repository).versions(name) or [0])[-1] + 1
            folder = repository / name / str(number)
            if self.write(folder, name, number):
                return folder

    def write(self, folder: Path, name: str, number: int) -> bool:
        """Writes the version's folder, whole or not at all; False where there is one already.

        Raises:
            ConfigurationError: It can't be written.
        """
        manifest = {"format": FORMAT, "model": name, "version": number, **self.manifest}
        scratch: Path | None = None
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            for file, content in self.files.items():
                _write_through(scratch / file, content)
            _write_through(scratch / MANIFEST, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())
            scratch.chmod(0o755)
            if folder.exists():
                return False
            scratch.rename(folder)
            return True
        except FileExistsError:
            return False
        except OSError as error:
            if folder.exists():
                return False
            raise ConfigurationError(f"{folder} can't be written: {error.strerror}") from error
        finally:
            if scratch is not None:
                shutil.rmtree(scratch, ignore_errors=True)

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()


def name_in_repository(name: str) -> str:
    """Returns a model's name.

    Raises:
        ConfigurationError: No folder of a repository can be called so.
    """
    if not name or "/" in name or name.startswith("."):
        raise ConfigurationError(f"'{name}' is no name of a model: it is a folder of the repository")
    return name


def record(result: Result, kept: int) -> dict[str, Any]:
    """Returns what a manifest says of an engine; of the rows with an explanation those that are kept."""
    if result.difference is None or result.verdict is None:
        return {"declined": result.refusal}
    return {
        "arithmetic": result.arithmetic,
        "passed": result.verdict.passed,
        **result.difference.as_dict(),
        **({"outputs_lacking": list(result.unanswered)} if result.unanswered else {}),
        "problems": list(result.verdict.problems),
        "explained": [
            {"reason": group.reason, "rows": [row for row in group.rows.tolist() if row < kept]}
            for group in result.verdict.explained
        ],
    }


def _ranking(ranking: Ranking | None) -> dict[str, Any] | None:
    if isinstance(ranking, ScoreRanking):
        return {"kind": "score", "output": ranking.output, "ties": "item id ascending"}
    if isinstance(ranking, ClassRanking):
        return {"kind": "classes", "classes": dict(ranking.classes), "ties": "item id ascending"}
    return None


def _with_source(field: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    source = sources.get(field["name"])
    return {**field, **({"source": source} if source else {})}


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
