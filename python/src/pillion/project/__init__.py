"""The project file, `pillion.toml`: what is served, in one place.

It names the model and its ranking, and says for each input where a value comes from, of which type it is, what stands
in where it is missing and between which bounds it lies; which of the request's fields make segments, how ids look, and
which columns of which tables hold what. Flags and environment variables come before it.
"""

from pillion.project.file import VARIABLE, find_project, read_project
from pillion.project.inputs import Input, Scalar, ValueType, find_zone
from pillion.project.project import FILE, TIMESTAMP, Project, Ranking
from pillion.project.serving import FirstPhase, Serving
from pillion.project.tables import EventTable, FeatureFiles, ItemTable, UserTable

__all__ = [
    "FILE",
    "TIMESTAMP",
    "VARIABLE",
    "EventTable",
    "FeatureFiles",
    "FirstPhase",
    "Input",
    "ItemTable",
    "Project",
    "Ranking",
    "Scalar",
    "Serving",
    "UserTable",
    "ValueType",
    "find_project",
    "find_zone",
    "read_project",
]
