"""The libraries that a model may be one of, which score it themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pillion.lab.builds import python_command
from pillion.lab.flat_model import Kind
from pillion.lab.kept_booster import read_lightgbm, read_xgboost
from pillion.lab.program import Absent, RunningProgram
from pillion.lab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Library:
    """A library whose model is in the pipeline that was kept with a version.

    Attributes:
        name: Its name.
        kind: Its models' in a flat plan, and its package.
        read: Returns the model as the library reads it.
    """

    name: str
    kind: Kind
    read: Callable[[Path], bytes]

    def start(self, workspace: Workspace) -> RunningProgram:
        """Starts it on the model.

        Raises:
            Absent: The model is another one, the library is not installed, or the pipeline was not kept.
        """
        return workspace.run(python_command(self.kind, "trees"), str(self.keep(workspace)))

    def keep(self, workspace: Workspace) -> Path:
        """Returns a file with the model as the library reads it.

        Raises:
            Absent: The model is another one, the library is not installed, or the pipeline was not kept.
        """
        if workspace.flat.model.kind != self.kind:
            raise Absent(f"the model is none of {self.name}'s")
        if find_spec(self.kind) is None:
            raise Absent(f"{self.name} is not installed here; the extra pillion[boosters] has it")
        booster = workspace.folder / "booster"
        model = self.read(workspace.pipeline)
        with workspace.writing:
            booster.write_bytes(model)
        return booster


LIBRARIES = (Library("XGBoost", "xgboost", read_xgboost), Library("LightGBM", "lightgbm", read_lightgbm))
_OF = " or ".join(f"{library.name}'s" for library in LIBRARIES)


def library_of(workspace: Workspace) -> Library:
    """Returns the library that a model is of.

    Raises:
        Absent: It is of none.
    """
    for library in LIBRARIES:
        if library.kind == workspace.flat.model.kind:
            return library
    raise Absent(f"the model is none of {_OF}")


def start_scikit_learn(workspace: Workspace) -> RunningProgram:
    """Starts scikit-learn's linear models with the plan's numbers.

    Raises:
        Absent: The model is none of those, or scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        raise Absent("scikit-learn is not installed here; the extra pillion[boosters] has it")
    if workspace.kind == "trees":
        raise Absent("its trees take features of single precision and know no categories, so they can't hold Spark's")
    return workspace.run(python_command("scikit_learn", workspace.kind))
