"""The ids of users and items: whole numbers from 0 to 2**63 - 1, or text; in one version all of one kind.

Lists of items hold numbers. Where ids are whole numbers, an item's number is its id. Where they are text, it is the
id's place in the version's dictionary, which is sorted, so that equal scores are ordered by rising id either way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from pillion.errors import CorruptRecord, InvalidInput
from pillion.types import Id, IdType

Ids = npt.NDArray[np.int64]
LARGEST = (1 << 63) - 1
LONGEST = 200
"""Characters of an id, at most."""


def check_id(value: object, kind: IdType, field: str) -> Id:
    """Returns an id.

    Raises:
        InvalidInput: It is not one of this kind; names the field.
    """
    if kind == "string":
        if isinstance(value, str) and 0 < len(value) <= LONGEST and _is_unicode(value):
            return value
        raise InvalidInput(
            f"the field '{field}' has {_shown(value)}, but an id is text of 1 to {LONGEST} characters", field
        )
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    raise InvalidInput(
        f"the field '{field}' has {_shown(value)}, but an id is a whole number from 0 to 2**63 - 1", field
    )


def check_ids(values: Sequence[Any], kind: IdType, field: str) -> None:
    """Checks that all values are ids of one kind, as `check_id` does one by one.

    Raises:
        InvalidInput: One is not; names the field.
    """
    if kind == "integer" and set(map(type, values)) == {int} and min(values) >= 0 and max(values) <= LARGEST:
        return
    for value in values:
        check_id(value, kind, field)


def kind_of(ids: Iterable[Any], what: str) -> IdType:
    """Returns of which kind all the ids are; whole numbers where there are none.

    Raises:
        InvalidInput: They are of both kinds, or one is not an id.
    """
    found: dict[bool, Id] = {}
    for value in ids:
        plain = value.item() if isinstance(value, np.generic) else value
        found[isinstance(plain, str)] = plain
        check_id(plain, "string" if isinstance(plain, str) else "integer", what)
    if len(found) == 2:
        raise InvalidInput(
            f"the ids of the {what} are of both kinds: {found[True]!r} is text, {found[False]} is not", what
        )
    return "string" if True in found else "integer"


@dataclass(frozen=True, slots=True)
class ItemNumbers:
    """The numbers of a version's items.

    Attributes:
        names: The ids by number where they are text, sorted; None where numbers are ids.
    """

    names: tuple[str, ...] | None = None
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {} if self.names is None else {name: number for number, name in enumerate(self.names)}
        object.__setattr__(self, "_numbers", numbers)

    @property
    def kind(self) -> IdType:
        """Of which kind the items' ids are."""
        return "integer" if self.names is None else "string"

    def find(self, items: Sequence[Id]) -> Ids:
        """Returns the items' numbers, int64, shape (n,); -1 for an id that the dictionary lacks."""
        if self.names is None:
            return np.array(items, dtype=np.int64)
        return np.fromiter((self._numbers.get(str(item), -1) for item in items), dtype=np.int64, count=len(items))

    def ids(self, numbers: Ids) -> list[Id]:
        """Returns the ids of some numbers."""
        plain: list[Id] = numbers.tolist()
        return plain if self.names is None else [self.names[int(number)] for number in plain]

    def pack(self) -> bytes | None:
        """Returns the dictionary as JSON; None where there is none."""
        return None if self.names is None else orjson.dumps(self.names)

    @classmethod
    def unpack(cls, packed: bytes | None) -> "ItemNumbers":
        """Reads what `pack` returned.

        Raises:
            CorruptRecord: It is not that.
        """
        if packed is None:
            return cls()
        try:
            names = orjson.loads(packed)
        except orjson.JSONDecodeError as error:
            raise CorruptRecord("the dictionary of items cannot be read") from error
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise CorruptRecord("the dictionary of items cannot be read")
        return cls(tuple(names))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
