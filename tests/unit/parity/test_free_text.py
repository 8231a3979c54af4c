"""Texts for inputs of free text: of all kinds, and with every word that the plan knows."""

from typing import Any

from pillion.parity.edge import sweep_rows
from pillion.parity.free_text import FREE_TEXTS, free_texts, vocabulary

DOCUMENT = b"""<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header>
<Extension extender="pillion" name="spark-plan" value="2"><![CDATA[<plan xmlns="urn:pillion:spark-plan">
<input name="t" type="string"/>
<countVectorizer in="w" out="f"><v>film</v><v>two words</v><v>a\\u000db</v></countVectorizer>
<word2Vec in="w" out="g"><word text="plot">0.5</word></word2Vec></plan>]]></Extension></Header></PMML>"""
INPUTS: list[dict[str, Any]] = [{"name": "t", "type": "string"}, {"name": "c", "type": "string", "values": ["x"]}]


def test_free_texts_have_punctuation_case_blanks_nothing_and_letters_beyond_the_first_plane() -> None:
    assert "" in FREE_TEXTS
    assert any("  " in text for text in FREE_TEXTS)
    assert {"Good film!", "GOOD film"} <= set(FREE_TEXTS)
    assert any(ord(letter) > 0xFFFF for text in FREE_TEXTS for letter in text)
    assert {"\t", "\n", "\r", "\u2028", "\u0130", "\u0301"} <= set("".join(FREE_TEXTS))


def test_the_vocabulary_is_that_of_all_stages_of_text() -> None:
    assert vocabulary(DOCUMENT) == ["film", "two words", "a\rb", "plot"]
    assert vocabulary(b"<PMML/>") == []


def test_real_texts_are_spelt_otherwise_and_each_word_occurs() -> None:
    words = [f"word{number}" for number in range(5000)]
    texts = free_texts(["Good plot", None, "", "Good plot"], words)

    assert {"GOOD PLOT", "good plot", "Good Plot", " Good plot ", "Good plot!", "Good  plot"} <= set(texts)
    assert set(words) <= set(" ".join(texts).split(" "))
    assert len(texts) < 600


def test_the_sweep_has_them_where_no_value_is_known_and_categories_elsewhere() -> None:
    rows = sweep_rows(INPUTS, {"t": ["Good plot"], "c": ["x"]}, 7, DOCUMENT)

    assert {*FREE_TEXTS, "GOOD PLOT"} <= set(rows["t"])
    assert any("two words" in str(text) and "film" in str(text) for text in rows["t"])
    assert set(rows["c"]) == {"x"}
