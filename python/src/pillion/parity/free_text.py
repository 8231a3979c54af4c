"""Edge rows of free text: punctuation, case, blanks, the empty text, unusual letters."""

from collections.abc import Iterable, Sequence

from pillion.parity.plan_elements import read_plan, tag_of
from pillion.scoring.plan_text import unescape
from pillion.types import Value

FREE_TEXTS = (
    "", " ", "\t \n", "  two  blanks,   three ", "Good film!", "good. bad, good?", "GOOD film", "it's 9%-off (a_b)",
    "0", "-1.5e3", "null", "line\r\nends\rof\nall kinds\u2028here", "no\u00a0break\u2003em\u200bzero",
    "\u0130stanbul I\u0131 \u039f\u0394\u039f\u03a3 \u03c3\u03c2 stra\u00dfe \ufb01", "e\u0301 \u00e9 \u1e9b\u0323",
    "\U0001d49c \U0001f44d\U0001f3fd \U00020000", "\\u0041 \\ ]]> <a href=\"x\">&amp;</a>",
    "\u0627\u0644 \u0e44\u0e17\u0e22",
)  # fmt: skip
"""Texts that a stage which takes them apart may take apart in several ways."""
_SAMPLES = 3
_SENTENCES = 500
_FEWEST = 8
_VOCABULARIES = {"countVectorizer": "v", "stopWordsRemover": "v", "word2Vec": "word"}


def vocabulary(document: bytes) -> list[str]:
    """Returns the words and terms that the plan's stages of text know, each once, in the plan's order.

    Raises:
        InvalidModel: The document can't be read.
    """
    plan = read_plan(document)
    found: dict[str, None] = {}
    for stage in plan if plan is not None else ():
        child = _VOCABULARIES.get(tag_of(stage))
        for word in stage if child is not None else ():
            if tag_of(word) == child:
                found[unescape((word.get("text") if child == "word" else word.text) or "")] = None
    return list(found)


def free_texts(sample: Iterable[Value], words: Sequence[str]) -> list[str]:
    """Returns texts for an input of free text: those of `FREE_TEXTS`, real ones spelt otherwise, and all words.

    Args:
        sample: real values, of which the first are spelt in other cases and with other blanks and points.
        words: the vocabulary; each word occurs in some text.
    """
    real = list(dict.fromkeys(value for value in sample if isinstance(value, str) and value))[:_SAMPLES]
    others = [
        other
        for text in real
        for other in (text.upper(), text.lower(), text.title(), f" {text} ", f"{text}!", text.replace(" ", "  "))
    ]
    step = max(_FEWEST, -(-len(words) // _SENTENCES))
    sentences = [" ".join(words[start : start + step]) for start in range(0, len(words), step)]
    return list(dict.fromkeys([*FREE_TEXTS, *others, *sentences]))
