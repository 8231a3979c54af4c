"""The folder of a model that all ways read."""

from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np

from pillion.lab.flat_model import Kind
from pillion.lab.flat_plan import FlatPlan
from pillion.lab.lab_model import LabModel
from pillion.lab.program import Absent, Program, RunningProgram
from pillion.scoring.batch_codec import encode
from pillion.scoring.repository import PIPELINE


class Workspace:
    """A folder with what the programs read, and the programs that questions share; used within `with`, which ends them.

    It holds the plan, the rows, and packed batches for the engines.

    Args:
        folder: Of this model, within one that all models share.
        model: What is measured.
        jar: The sidecar's.
    """

    def __init__(self, folder: Path, model: LabModel, jar: Path) -> None:
        self.folder, self.model, self.jar = folder, model, jar
        self.programs = folder.parent / "programs"
        """Where programs are built, once for all models."""
        for each in (folder, self.programs):
            each.mkdir(parents=True, exist_ok=True)
        self.writing = Lock()
        """Is held while a file is written that ways need which start side by side."""
        self._sharing = Lock()
        self._shared: dict[tuple[str, ...], RunningProgram] = {}
        self.document = folder / "model.pmml"
        self.document.write_bytes(model.document)
        if model.flat is not None:
            (folder / "plan.bin").write_bytes(model.flat.to_bytes())
            rows = model.matrix()
            (folder / "expected.bin").write_bytes(model.expected.astype("<f8").tobytes())
            (folder / "rows.bin").write_bytes(
                np.array([rows.size], dtype="<i8").tobytes() + rows.astype("<f8").tobytes()
            )

    @property
    def flat(self) -> FlatPlan:
        """The plan.

        Raises:
            Absent: It can't be had, and why.
        """
        if self.model.flat is None:
            raise Absent(self.model.unsupported)
        return self.model.flat

    @property
    def kind(self) -> Kind:
        """The kind of model that programs in each language compute.

        Raises:
            Absent: They can't compute it, and why.
        """
        if self.model.unsupported:
            raise Absent(self.model.unsupported)
        return self.flat.model.kind

    @property
    def pipeline(self) -> Path:
        """The pipeline that was kept with the version.

        Raises:
            Absent: None was.
        """
        home = self.model.home
        if home is None or not (home / PIPELINE).is_file():
            raise Absent("no pipeline is kept with this version")
        return home / PIPELINE

    @property
    def files(self) -> tuple[str, str]:
        """The plan's file, and that of the rows."""
        return str(self.folder / "plan.bin"), str(self.folder / "rows.bin")

    def pack(self, rows: int, threads: int = 1) -> None:
        """Writes the batch of so many rows for the engines, in as many parts as there are threads."""
        share = -(-rows // threads)
        for part in range(threads):
            name = f"{rows}.batch" if threads == 1 else f"{rows}-{part}.batch"
            start, count = part * share, min(share, rows - part * share)
            with self.writing:
                if count > 0 and not (self.folder / name).exists():
                    batch = self.model.batch(count, start)
                    (self.folder / name).write_bytes(encode(batch, self.model.types, count))

    def start(self, command: list[str]) -> RunningProgram:
        """Starts a program that scores the model's rows."""
        return RunningProgram(command, self.folder, len(self.model.outputs))

    def run(self, command: list[str], *arguments: str) -> RunningProgram:
        """Starts a program on the plan."""
        return self.start([*command, *self.files, *arguments])

    def share(self, command: list[str]) -> Program:
        """Returns a program that more than one question asks: started once, it ends with the workspace."""
        with self._sharing:
            program = self._shared.get(tuple(command))
            if program is None or not program.running:
                self._shared[tuple(command)] = program = self.start(command)
        return _Shared(program)

    def close(self) -> None:
        """Ends the programs that questions shared."""
        for program in self._shared.values():
            program.close()
        self._shared.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Shared:
    """A program that goes on where a question ends."""

    def __init__(self, program: RunningProgram) -> None:
        self.check, self.time = program.check, program.time

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
