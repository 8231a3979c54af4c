r"""The one escape of texts in a plan, so that every text survives XML and CDATA.

XML 1.0 has no control characters, lone surrogates, U+FFFE and U+FFFF, and its readers turn CR and CRLF into LF, and
blanks of attributes into spaces. Such UTF-16 code units are written as `\uXXXX`, a backslash as `\\`; all else stands
for itself. `PlanText` reads it in Java; `tests/golden/plan_texts.tsv` is shared by both.
"""

import re

_ESCAPED = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"\\(?:\\|u([0-9a-f]{4}))")
_STRAY = re.compile(r"\\(?!\\|u[0-9a-f]{4})")


def escape(text: str) -> str:
    """Returns `text` in characters that XML can hold and no reader changes."""
    return _ESCAPED.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """Returns the text that `escape` wrote.

    Raises:
        ValueError: a backslash begins no escape.
    """
    plain = _ESCAPE.sub(lambda found: "\\" if found[1] is None else chr(int(found[1], 16)), text)
    if "\\" in text and _STRAY.search(_ESCAPE.sub("", text)):
        raise ValueError(f"a backslash in {text!r} begins no escape")
    return plain
