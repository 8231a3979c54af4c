"""What a request may say, as the framework checks and describes it: made of what the project file declares.

Types are checked here. Ranges and lengths are described here and checked by the data plane, so that every way in says
the same of them.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from pillion.features import OnlineInputs
from pillion.project import TIMESTAMP, Input, Project
from pillion.types import Id, IdType, Request, Trace, Value

_TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "double": float,
    "decimal": float,
    "boolean": bool,
    "date": str,
    "timestamp": float,
}
_EXAMPLES: dict[str, Value] = {
    "date": "2026-02-28", "string": "a", "integer": 1, "boolean": True, "timestamp": 1_700_000_000.0,
}  # fmt: skip
_ID_TYPES: dict[IdType, type] = {"integer": int, "string": str}
_ID_EXAMPLES: dict[IdType, tuple[Id, list[Id]]] = {
    "integer": (42, [7, 11, 50]),
    "string": ("u42", ["i7", "i11", "i50"]),
}
_ID_HELP: dict[IdType, str] = {"integer": "A whole number from 0.", "string": "Text."}
_K = "How many items, 1 to {}."
_MODEL = "Name in the model repository."


class AnyQuery(BaseModel):
    """The query of a GET: how many items, the model, and the request's own fields."""

    model_config = ConfigDict(extra="forbid")

    k: int | None = None
    model: str | None = None

    def to_request(self, user_id: Id, request_id: str, deadline_ms: float | None, trace: Trace | None) -> Request:
        """Returns the data plane's own form."""
        said = self.model_dump(exclude={"k", "model"}, exclude_none=True)
        return Request(user_id, self.k, None, said, self.model, request_id, deadline_ms, trace)


class AnyBody(BaseModel):
    """One call for recommendations."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: Any
    k: int | None = None
    candidates: Any = None
    context: Any = None
    model: str | None = Field(default=None, description=_MODEL)

    def to_request(self, request_id: str, deadline_ms: float | None, trace: Trace | None) -> Request:
        """Returns the data plane's own form."""
        said: dict[str, Value] = {} if self.context is None else self.context.model_dump(exclude_none=True)
        return Request(self.user_id, self.k, self.candidates, said, self.model, request_id, deadline_ms, trace)


@dataclass(frozen=True, slots=True)
class RequestModels:
    """The models of requests.

    Attributes:
        user_id: The type of a user's id.
        user_example: One.
        query: Of GET.
        body: Of POST.
    """

    user_id: type
    user_example: Id
    query: type[AnyQuery]
    body: type[AnyBody]


def make_models(project: Project, online: OnlineInputs, max_k: int, max_candidates: int) -> RequestModels:
    """Returns the models for requests of a project."""
    # A query has no null, and the framework takes several times as long to read a field that may be one.
    said = {name: (_TYPES[declared.type], _field(name, declared)) for name, declared in online.fields.items()}
    fields: dict[str, Any] = {
        name: (_TYPES[declared.type] | None, _field(name, declared)) for name, declared in online.fields.items()
    }
    k = Field(default=None, description=_K.format(max_k), examples=[10])
    model = Field(default=None, description=_MODEL, examples=[project.model or "late"])
    parts: dict[str, Any] = {"k": (int, k), "model": (str, model), **said}
    query = create_model("Query", __base__=AnyQuery, __doc__=AnyQuery.__doc__, **parts)
    context = create_model(
        "ContextBody",
        __config__=ConfigDict(extra="forbid", strict=True),
        __doc__="What a request says of itself; what is left out is derived of the time, or its default, or missing.",
        **fields,
    )
    user_type, item_type = _ID_TYPES[project.users.type], _ID_TYPES[project.items.type]
    user, items = _ID_EXAMPLES[project.users.type][0], _ID_EXAMPLES[project.items.type][1]
    example: dict[str, Any] = {
        "user_id": user,
        "k": 3,
        "candidates": items,
        "context": {name: _example(each) for name, each in online.fields.items() if name != TIMESTAMP},
    }

    class Body(AnyBody):
        model_config = ConfigDict(json_schema_extra={"examples": [example]})

    candidates = f"Items to rank, up to {max_candidates:,}; where left out those of a first phase, or the popular ones."
    parts = {
        "user_id": (user_type, Field(description=_ID_HELP[project.users.type])),
        "k": (int | None, Field(default=None, description=_K.format(max_k))),
        "candidates": (list[item_type] | None, Field(default=None, description=candidates)),  # type: ignore[valid-type]
        "context": (context, Field(default_factory=context)),
    }
    body = create_model("RequestBody", __base__=Body, __doc__=AnyBody.__doc__, **parts)
    return RequestModels(user_type, user, query, body)


def _field(name: str, declared: Input) -> Any:
    """A field that may be left out, with what its description says of it."""
    said = "Any text; what the model did not learn is the model's to handle." if declared.type == "string" else ""
    if declared.range is not None:
        said = f"{declared.range[0]} to {declared.range[1]}."
    if declared.type == "timestamp":
        said = "Seconds since 1970 UTC; now where left out." if name == TIMESTAMP else "Seconds since 1970 UTC."
    if declared.type == "date":
        said = "Year, month, day."
    if declared.derive == "hour":
        said = f"0 to 23, {declared.zone}; that of the timestamp where left out."
    if declared.derive == "weekday":
        said = f"0 (Monday) to 6, {declared.zone}; that of the timestamp where left out."
    if declared.default is not None:
        said = f"{said} {declared.default!r} where left out.".strip()
    return Field(default=None, description=said, examples=[_example(declared)])


def _example(declared: Input) -> Value:
    if declared.default is not None:
        return declared.default
    if declared.range is not None:
        return declared.range[0]
    return _EXAMPLES.get(declared.type, 0.5)
