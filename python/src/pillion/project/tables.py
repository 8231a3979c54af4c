"""The tables that a project file names: of users, items and events, their columns and their files."""

from pathlib import Path

from pydantic import Field

from pillion.project.part import Part
from pillion.types import IdType


class UserTable(Part):
    """The table of users."""

    id: str = Field(default="user_id", min_length=1)
    """The column with the ids."""
    type: IdType = "integer"
    """`integer`, whole numbers from 0 to 2**63 - 1, or `string`."""


class ItemTable(Part):
    """The table of items."""

    id: str = Field(default="item_id", min_length=1)
    """The column with the ids."""
    type: IdType = "integer"
    """`integer`, whole numbers from 0 to 2**63 - 1, or `string`."""
    title: str | None = Field(default=None, min_length=1)
    """The column with titles that people can read."""


class EventTable(Part):
    """The table of events: a user took an item, once a row."""

    user: str | None = Field(default=None, min_length=1)
    """The column with the user's id, where it is called otherwise than in the table of users."""
    item: str | None = Field(default=None, min_length=1)
    """The column with the item's id, where it is called otherwise than in the table of items."""


class FeatureFiles(Part):
    """The files that features come from; a path that is not absolute starts at the folder of the project file."""

    users: Path | None = None
    """The table of users: .csv, .jsonl, .parquet, or a folder of Parquet files as Spark writes it."""
    items: Path | None = None
    """The table of items."""
    events: Path | None = None
    """The table of events."""
    archive: Path | None = None
    """All of it in one `.npz` file, in place of the tables."""
