"""`docs/support.md` says what the engines make of the golden cases today."""

from pathlib import Path

from tools.golden.support import PAGE, page


def test_page_is_what_the_engines_make_of_the_cases(jar: Path) -> None:
    assert PAGE.read_text() == page(jar=jar), "docs/support.md is out of date: run `make support`"
