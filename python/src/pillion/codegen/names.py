"""Identifiers for the names of inputs and outputs and for values, which may be any text.

A name falls into words at every character that is neither a letter nor a digit, and its words are joined in the
language's style; two digits that would touch keep an underscore between them. Where several names would get one
identifier, each of them is spelled out instead: letters, digits and underscores as they are, other characters by their
code points, as U002E. A reserved identifier gets an underscore at its end. Where two are alike after all, there is an
error.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from pillion.errors import ConfigurationError

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes one kind of identifier.

    Attributes:
        join: Makes an identifier of words.
        spell: Makes one of a name that is spelled out.
    """

    join: Callable[[list[str]], str]
    spell: Callable[[str], str]


def identifiers(what: str, names: Iterable[str], style: Style, reserved: Collection[str] = ()) -> dict[str, str]:
    """Returns an identifier for each name, in the order of the names.

    Args:
        what: What the names are of, for messages, such as "inputs".
        names: All that share a scope.
        style: How they are written.
        reserved: What none may be called.

    Raises:
        ConfigurationError: Two names get one identifier; names both.
    """
    joined = {name: style.join(_words(name)) for name in names}
    uses = Counter(joined.values())
    made = {name: word if uses[word] == 1 else style.spell(_spelled(name)) for name, word in joined.items()}
    made = {name: f"{word}_" if word in reserved else word for name, word in made.items()}
    require_distinct(what, made.items())
    return made


def require_distinct(what: str, named: Iterable[tuple[str, str]]) -> None:
    """Checks that no two names share an identifier.

    Raises:
        ConfigurationError: Two do; names both.
    """
    owners: dict[str, str] = {}
    for name, word in named:
        other = owners.setdefault(word, name)
        if other != name:
            raise ConfigurationError(
                f"the {what} {other!r} and {name!r} would both be called {word}: rename one of them in the pipeline"
            )


def _words(name: str) -> list[str]:
    """The runs of letters and digits; code points where there are none."""
    text = "".join(character if _is_word(character) else " " for character in unicodedata.normalize("NFC", name))
    return text.split() or [_code(character) for character in name] or ["Empty"]


def _spelled(name: str) -> str:
    return "".join(character if character == "_" or _is_word(character) else _code(character) for character in name)


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd"


def _code(character: str) -> str:
    return f"U{ord(character):04X}"


def _glue(words: list[str]) -> str:
    made = ""
    for word in words:
        apart = made[-1:].isdecimal() and word[0].isdecimal()
        made += f"_{word}" if apart else word
    return made


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _exported(word: str) -> str:
    """An identifier that begins with a capital, as Go wants of what a package exports."""
    return word if unicodedata.category(word[0]) == "Lu" else f"X{word}"


def _started(word: str) -> str:
    """An identifier that begins with no digit."""
    return f"_{word}" if word[0].isdecimal() else word


def _lower(word: str) -> str:
    return word.lower() if word.isupper() else word[0].lower() + word[1:]


PASCAL = Style(lambda words: _exported(_glue([_capital(word) for word in words])), _exported)
"""As UserFactor10: what a Go package exports, and types of Java."""
CAMEL = Style(
    lambda words: _started(_glue([_lower(words[0]), *(_capital(word) for word in words[1:])])),
    _started,
)
"""As userFactor10: fields and methods of Java."""
CONSTANT = Style(
    lambda words: _started("_".join(part.upper() for word in words for part in _HUMP.split(word))),
    _started,
)
"""As SCI_FI: constants of Java."""


def suffix(prefix: str) -> Style:
    """The style of constants that begin with their type's name, as Go's do."""
    return Style(
        lambda words: prefix + ("_" if prefix[-1].isdecimal() and words[0][0].isdecimal() else "")
        + _glue([_capital(word) for word in words]),
        lambda spelled: f"{prefix}_{spelled}",
    )  # fmt: skip
