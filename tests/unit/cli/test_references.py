"""The generated references are those of the code; `make docs` writes them anew."""

from pathlib import Path

import pytest

from pillion.cli.docs import references


@pytest.mark.parametrize("name", ["cli.md", "openapi.json"])
def test_a_reference_is_up_to_date(root: Path, name: str) -> None:
    assert references()[name] == (root / "docs" / name).read_text(encoding="utf-8"), "run `make docs`"
