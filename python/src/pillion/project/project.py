"""What is served: the model, how it ranks, its inputs, the tables; one value, as it is handed to whoever needs it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StrictInt, StrictStr, field_validator, model_validator

from pillion.project.inputs import Input
from pillion.project.part import Part, Wrong
from pillion.project.serving import Serving
from pillion.project.tables import EventTable, FeatureFiles, ItemTable, UserTable

FILE = "pillion.toml"
"""What a project file is called where nobody names one."""
TIMESTAMP = "timestamp"
"""The request's field that hours and weekdays are derived from."""
_OWN_FIELDS = ("user_id", "k", "candidates", "context", "model")
"""The fields of a request that no input may be called."""
_ONLINE = Serving()


class Ranking(Part):
    """How a model's outputs become items in order."""

    score: str | None = Field(default=None, min_length=1)
    """The output that is a candidate's score: one row a candidate."""
    classes: Mapping[str, StrictInt | StrictStr] | None = Field(default=None, min_length=1)
    """Outputs with the item that each is the score of: one row in all."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.score is None) == (self.classes is None):
            raise ValueError("a ranking has either 'score' or 'classes'")
        return self


class Project(Part):
    """What is served."""

    model: str | None = Field(default=None, min_length=1)
    """The model for requests that name none; the only one of the repository where left out."""
    k: int | None = Field(default=None, ge=1)
    """Items for requests that do not say how many."""
    candidates: int | None = Field(default=None, ge=1)
    """How many candidates go on to the model where a request gives none."""
    segments: tuple[str, ...] = ()
    """The request's fields that make a segment, the most telling first."""
    models: Mapping[str, Serving] = Field(default_factory=dict)
    """How models are served, by name; online where nothing is said."""
    ranking: Ranking | None = None
    """How the model's outputs become items in order."""
    users: UserTable = UserTable()
    """The table of users."""
    items: ItemTable = ItemTable()
    """The table of items."""
    events: EventTable = EventTable()
    """The table of events."""
    features: FeatureFiles = FeatureFiles()
    """The files that features come from."""
    inputs: Mapping[str, Input] = Field(default_factory=dict)
    """What the models take and segments are made of, by name."""
    file: Annotated[Path | None, Field(exclude=True)] = None
    """The file that this was read from; None where there was none."""

    @field_validator("inputs")
    @classmethod
    def _are_free(cls, inputs: Mapping[str, Input]) -> Mapping[str, Input]:
        for name, each in inputs.items():
            if each.source == "online" and name in _OWN_FIELDS:
                raise Wrong(name, f"an online input can't be called '{name}': a request has a field of that name")
            if each.source == "online" and name == TIMESTAMP and each.type != "timestamp":
                raise Wrong(name, f"the online input '{TIMESTAMP}' is of the type 'timestamp'")
        return inputs

    @model_validator(mode="after")
    def _segments_are_online(self) -> Self:
        for name in self.segments:
            declared = self.inputs.get(name)
            if declared is None or declared.source != "online":
                raise Wrong("segments", f"the segment '{name}' is not an input of the source 'online'")
        return self

    def serving(self, model: str) -> Serving:
        """Returns how a model is served; online where the file says nothing."""
        return self.models.get(model, _ONLINE)

    def asking_models(self) -> Self:
        """Returns the same, but for answers computed ahead: they come first for no model."""
        models = {name: serving.model_copy(update={"mode": "online"}) for name, serving in self.models.items()}
        return self.model_copy(update={"models": models})

    @property
    def online(self) -> dict[str, Input]:
        """The inputs that requests give, by name."""
        return {name: each for name, each in self.inputs.items() if each.source == "online"}

    @property
    def name(self) -> str:
        """What the file is called in messages."""
        return FILE if self.file is None else str(self.file)
