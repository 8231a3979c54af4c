"""The escape of a plan's texts, by the bytes that Java reads as well."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pillion.scoring.plan_text import escape, unescape


def test_shared_bytes_are_written_and_read(root: Path) -> None:
    lines = (root / "tests/golden/plan_texts.tsv").read_bytes().decode().split("\n")[:-1]
    assert len(lines) > 15
    for line in lines:
        units, escaped = line.split("\t")
        text = b"".join(bytes.fromhex(unit) for unit in units.split()).decode("utf-16-be", "surrogatepass")
        assert escape(text) == escaped
        assert unescape(escaped) == text


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_survives_xml_inside_cdata(text: str) -> None:
    plan = etree.Element("plan", name=escape(text))
    plan.text = escape(text)
    document = etree.Element("Extension")
    document.text = etree.CDATA(etree.tostring(plan, encoding="unicode"))
    read = etree.fromstring(etree.fromstring(etree.tostring(document)).text)

    assert unescape(read.text or "") == text
    assert unescape(read.get("name")) == text


@pytest.mark.parametrize("stray", ["\\", "a\\", "\\x0041", "\\u004", "\\u00G1", "\\\\\\u00"])
def test_a_backslash_that_begins_no_escape_is_refused(stray: str) -> None:
    with pytest.raises(ValueError, match="begins no escape"):
        unescape(stray)
