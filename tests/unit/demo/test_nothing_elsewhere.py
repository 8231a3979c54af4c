"""Nothing of the demo's data is in the package outside the demo and its commands."""

import re
from pathlib import Path

import pillion

PACKAGE = Path(pillion.__file__).parent
ITS_OWN = (PACKAGE / "demo", PACKAGE / "cli" / "demo")


def test_nobody_else_names_the_demos_data() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml", ".html", ".css")]
    others = [path for path in files if not any(path.is_relative_to(home) for home in ITS_OWN)]
    naming = [
        str(path.relative_to(PACKAGE))
        for path in others
        if re.search(r"movielens|ml-latest|titles30", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]

    assert len(others) > 100
    assert naming == []
