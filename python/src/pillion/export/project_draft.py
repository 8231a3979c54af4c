"""A draft of the project file: what a pipeline, its schema and the tables tell, and guesses that are marked as such."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pillion.errors import ConfigurationError, InvalidInput
from pillion.export.observed import Observed, observe
from pillion.export.stage_columns import StageColumns, read_columns
from pillion.features.contract import declared_for
from pillion.project import FILE, ValueType
from pillion.tabular import parse_kinds
from pillion.tabular.source import Source, open_source
from pillion.types import IdType, Origin, Value

_USER = re.compile(r"^(user|customer|client|member|patient|student|account|u)_", re.IGNORECASE)
_ITEM = re.compile(r"^(item|product|article|film|movie|song|offer|i)_", re.IGNORECASE)
_ONLINE = re.compile(
    r"^(hour|weekday|day_of_week|device|country|referrer|channel|timestamp|session\w*)$", re.IGNORECASE
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WHOLE = re.compile(r"0|[1-9]\d{0,17}")
_POSITIVE = ("1", "1.0", "true", "yes")
_GUESS = "  # a guess: check it"
_OF_KIND = {
    "array<string>": "# Texts, as a list, or as JSON where a list has no place.",
    "timestamp_ntz": "# A time without a zone: the model takes what a clock in UTC shows then; the zone is not kept.",
}
"""What to know of an input of one of Spark's types, which the declared type doesn't say."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that are known when a draft is made; None where one is not."""

    users: Path | None = None
    items: Path | None = None
    events: Path | None = None


@dataclass(slots=True)
class Draft:
    """A draft.

    Attributes:
        text: Of the file.
        inputs: How many are declared.
        guesses: What was guessed, by key.
        unserved: Spark's types of inputs that nothing can give, by name.
    """

    text: str = ""
    inputs: int = 0
    guesses: list[str] = field(default_factory=list)
    unserved: dict[str, str] = field(default_factory=dict)


def draft(pipeline: Path, schema: Path, tables: Tables, folder: Path) -> Draft:
    """Returns a draft of the project file.

    Args:
        pipeline: The saved, fitted pipeline.
        schema: Spark's StructType as JSON: its raw columns.
        tables: What tells where an input comes from, and how ids look.
        folder: Where the file will be; it names tables from there.

    Raises:
        ConfigurationError: The schema cannot be read, or nothing fitted is saved there.
        InvalidInput: A table cannot be read.
    """
    types = _read_kinds(schema)
    columns = read_columns(pipeline, list(types))
    sources = {
        what: None if path is None else open_source(path, what)
        for what, path in (("users", tables.users), ("items", tables.items), ("events", tables.events))
    }
    names = {what: [] if source is None else source.names() for what, source in sources.items()}
    made = Draft()
    lines = _head(pipeline, columns, _segments(columns, types, names, made), made)
    lines += _id_parts(columns, sources, names, made)
    lines += _files(tables, folder)
    lines += [
        "# What the model takes. A source is the table of users (user), that of items (item), or the request (online).",
        "# `default` stands in where it is missing, `range` bounds it, `column` is its name in the table if another;",
        "# those behind a # are what the tables' first rows have.",
        "# A field of the request that only makes segments is declared here as well.",
        "",
    ]
    shown = _observed({name: types[name] for name in columns.inputs}, sources, names)
    for name in columns.inputs:
        lines += _input(name, types[name], names, shown.get(name), made)
    made.text = "\n".join(lines).rstrip() + "\n"
    return made


def _segments(
    columns: StageColumns, types: Mapping[str, str], names: Mapping[str, Sequence[str]], made: Draft
) -> list[str]:
    """Texts and truth values of the request that the events have as well."""
    kinds = {name: declared_for(types[name]) for name in columns.inputs if name in names["events"]}
    found = [
        name
        for name, kind in kinds.items()
        if kind in ("string", "boolean") and _source(name, kind, names)[0] == "online"
    ]
    if found:
        made.guesses.append("segments")
    return found


def _head(pipeline: Path, columns: StageColumns, segments: Sequence[str], made: Draft) -> list[str]:
    model = re.sub(r"[^A-Za-z0-9_.-]", "-", pipeline.resolve().name) or "model"
    named = ", ".join(map(_text, segments))
    made_of, note = (f"segments = [{named}]  ", "; a guess: check it") if segments else ("# segments = []        ", "")
    lines = [
        f"# {FILE}: what is served. Flags and environment variables come before it.",
        "",
        f"model = {_text(model)}  # for requests that name none",
        "# k = 10               # items for requests that do not say how many",
        "# candidates = 200     # taken from the popularity lists where a request gives none",
        f"{made_of}# fields of the request that make a segment, the most telling first{note}",
        "",
    ]
    if columns.predictor is None:
        nothing = "# The pipeline predicts nothing, so nothing is ranked by it."
        return [*lines, nothing, "# [ranking]", '# score = "output"', ""]
    lines.append("# How the model's outputs become items in order.")
    if len(columns.labels) > 2 and columns.has_probabilities:
        made.guesses.append("ranking.classes")
        whole = all(_WHOLE.fullmatch(label) for label in columns.labels)
        items = [label if whole else _text(label) for label in columns.labels]
        pairs = zip(columns.labels, items, strict=True)
        classes = [f"{_text(f'probability({label})')} = {item}" for label, item in pairs]
        return [*lines, f"[ranking.classes]{_GUESS}: the item of each class", *classes, ""]
    lines.append("[ranking]")
    if not columns.has_probabilities:
        return [*lines, f"score = {_text(str(columns.predictor.params['predictionCol']))}", ""]
    positive = next((label for label in columns.labels if label.lower() in _POSITIVE), None)
    if positive is None and columns.labels:
        positive = columns.labels[-1]
    made.guesses.append("ranking.score")
    return [*lines, f"score = {_text(f'probability({positive or 1})')}{_GUESS}", ""]


def _id_parts(
    columns: StageColumns, sources: Mapping[str, Source | None], names: Mapping[str, Sequence[str]], made: Draft
) -> list[str]:
    lines: list[str] = []
    for what, usual in (("users", "user_id"), ("items", "item_id")):
        source = sources[what]
        free = [name for name in names[what] if name not in columns.inputs]
        shared = [name for name in free if name in names["events"]]
        column = next(iter([*([usual] if usual in names[what] else []), *shared, *free]), usual)
        kind = "integer" if source is None else _id_type(source, column)
        guessed = _GUESS if source is None or len(shared) != 1 else ""
        if guessed:
            made.guesses.append(f"{what}.id")
        lines += [
            f"# The table of {what}: the column with the ids, which are whole numbers (integer) or text (string).",
            f"[{what}]",
            f"id = {_text(column)}{guessed}",
            f"type = {_text(kind)}",
        ]
        if what == "items":
            title = next((name for name in free if name.lower() in ("title", "name") and name != column), None)
            lines.append('# title = "title"' if title is None else f"title = {_text(title)}")
        lines.append("")
    lines += [
        "# The table of events, a row for each time that a user took an item. Its columns are called as those above",
        "# where nothing is said here.",
        "# [events]",
        '# user = "user_id"',
        '# item = "item_id"',
        "",
    ]
    return lines


def _files(tables: Tables, folder: Path) -> list[str]:
    named = [(what, path) for what in ("users", "items", "events") if (path := getattr(tables, what)) is not None]
    lines = ["# The tables, where no option names them; `pillion up` fills its embedded store with them."]
    if not named:
        return [*lines, "# [features]", '# users = "users.parquet"', '# items = "items.parquet"', ""]
    return [*lines, "[features]", *(f"{what} = {_text(_from(folder, path))}" for what, path in named), ""]


def _observed(
    types: Mapping[str, str], sources: Mapping[str, Source | None], names: Mapping[str, Sequence[str]]
) -> dict[str, Observed]:
    """What the tables show of inputs; the events, which tell of requests, where no other table has them."""
    shown: dict[str, Observed] = {}
    for what in ("users", "items", "events"):
        source = sources[what]
        wanted = {
            name: type_
            for name, kind in types.items()
            if name in names[what] and name not in shown and (type_ := declared_for(kind)) is not None
        }
        if source is not None and wanted:
            shown |= observe(source, wanted)
    return shown


def _input(name: str, kind: str, names: Mapping[str, Sequence[str]], shown: Observed | None, made: Draft) -> list[str]:
    key = name if _BARE.fullmatch(name) else _text(name)
    type_ = declared_for(kind)
    if type_ is None:
        made.unserved[name] = kind
        return [
            f"# [inputs.{key}]",
            f"# is of Spark's type {kind}, which no table and no request can give.",
            "",
        ]
    source, sure = _source(name, type_, names)
    made.inputs += 1
    if not sure:
        made.guesses.append(f"inputs.{name}.source")
    lines = [_OF_KIND[kind]] if kind in _OF_KIND else []
    lines += [f"[inputs.{key}]", f'source = "{source}"{"" if sure else _GUESS}', f'type = "{type_}"']
    part = name.lower() if name.lower() in ("hour", "weekday") else None
    if source == "online" and type_ == "integer" and part is not None:
        made.guesses.append(f"inputs.{name}.derive")
        lines += [
            f"range = [0, {23 if part == 'hour' else 6}]",
            f'derive = "{part}"{_GUESS}: of the request\'s timestamp' + ("" if part == "hour" else "; 0 is Monday"),
            'zone = "UTC"',
        ]
    elif shown is not None and shown.bounds is not None:
        lines.append(f"# range = [{_spell(shown.bounds[0])}, {_spell(shown.bounds[1])}]")
    if shown is not None and shown.usual is not None:
        lines.append(f"# default = {_spell(shown.usual)}")
    return [*lines, ""]


def _spell(value: Value) -> str:
    """A value of TOML, whose numbers, truth values and texts are JSON's but for those that are not finite."""
    if isinstance(value, float):
        return repr(value)
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _source(name: str, type_: ValueType, names: Mapping[str, Sequence[str]]) -> tuple[Origin, bool]:
    """Where a value comes from, and whether that is known rather than guessed."""
    in_users, in_items = name in names["users"], name in names["items"]
    if names["users"] and names["items"] and in_users + in_items < 2:
        return "user" if in_users else "item" if in_items else "online", True
    if _ONLINE.match(name) or type_ == "timestamp":
        return "online", False
    if (in_items and not in_users) or (not in_users and _ITEM.match(name)):
        return "item", in_items
    if names["users"] and not in_users and not _USER.match(name):
        return "online", False
    return "user", in_users and not in_items


def _id_type(source: Source, column: str) -> IdType:
    try:
        for batch in islice(source.batches({column: "string"}), 1):
            if any(str(value)[:1] == "0" and len(str(value)) > 1 for value in batch.columns[column]):
                return "string"
    except InvalidInput:
        pass  # the table has numbers
    try:
        for _ in islice(source.batches({column: "integer"}), 1):
            return "integer"
    except InvalidInput:
        return "string"
    return "integer"


def _read_kinds(path: Path) -> dict[str, str]:
    try:
        return parse_kinds(path)
    except InvalidInput as error:
        raise ConfigurationError(str(error)) from error


def _from(folder: Path, path: Path) -> str:
    absolute = path.resolve()
    home = folder.resolve()
    return absolute.relative_to(home).as_posix() if absolute.is_relative_to(home) else str(absolute)


def _text(value: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
