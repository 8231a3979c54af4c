"""From tables of users, items and events to the contents of a feature version, by what the project file says."""

from collections.abc import Iterator

from pillion.errors import InvalidInput
from pillion.features.contents import ContentsStream, FeatureTable
from pillion.features.event_scan import EventScan
from pillion.features.feature_scan import FeatureScan, scan_items, user_inputs
from pillion.features.findings import Findings, Progress
from pillion.features.record_codec import Schema
from pillion.project import Project
from pillion.tabular.source import Source

HELD = 500_000
"""Rows of users, and pairs of a user and an item, that are in memory at a time."""


def read_tables(
    project: Project,
    users: Source | None,
    items: Source,
    events: Source | None,
    progress: Progress = lambda what, done, total: None,
    held: int = HELD,
) -> tuple[ContentsStream, Findings]:
    """Reads and checks tables; users and events are read again where their contents are written.

    Ids, items and counts stay in memory, and of users' features and of what users have seen one part at a time.
    Popularity is counted from events, for everybody and by segment; what was never taken comes last. An event of an
    item that is not in the table of items is left out.

    Args:
        project: Says which columns hold what, and of which type.
        users: Where there is a user to know something of.
        items: All that may be recommended.
        events: Who took what.
        progress: Is told how far it is.
        held: Rows of a part, about.

    Raises:
        ConfigurationError: The project file wants features of a table that is not given.
        InvalidInput: A table lacks a column, has it twice, holds a value of another type, or an id twice or not at all;
            names table, row and column.
    """
    found = Findings()
    people = _read_users(project, users, found, progress)
    scan, table = scan_items(project, items, found, progress)
    known = {} if people is None else people.rows_of
    taken = EventScan(project, events, known, scan.rows_of, held)
    popularity = taken.count(found, progress)

    def parts() -> Iterator[FeatureTable]:
        return iter(()) if people is None else people.parts(held)

    contents = ContentsStream(
        users=known,
        user_schema=Schema(()) if people is None else people.schema,
        user_tables=parts,
        items=table,
        popularity=popularity,
        titles=scan.titles,
        seen_users=taken.users,
        seen_parts=taken.parts,
        seen_items=(),
        user_ids=project.users.type,
        item_ids=project.items.type,
    )
    return contents, found


def _read_users(project: Project, source: Source | None, found: Findings, progress: Progress) -> FeatureScan | None:
    inputs = user_inputs(project, source is not None)
    if source is None:
        return None
    scan = FeatureScan("users", source, project.users.id, project.users.type, inputs)
    for _ in scan.check(found, progress):
        pass  # read again when they are written
    found.users = len(scan.rows_of)
    if not found.users:
        raise InvalidInput(f"{source.name} has no rows: leave the table of users out, or give one with users", "users")
    return scan
