"""A part of the project file: what all of them have in common, and how one says which of its keys is wrong."""

from pydantic import BaseModel, ConfigDict


class Wrong(ValueError):
    """What is wrong with one key of a part.

    Attributes:
        key: Its name.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Part(BaseModel):
    """A table of the file: no key that it does not declare, and nothing of it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
