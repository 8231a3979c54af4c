"""What several tests share is in `tests/support` or in `tools`: no test module is imported."""

import ast
from pathlib import Path

from tools.checkout import ROOT


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
    return names


def test_no_module_imports_a_test_module() -> None:
    importing = {
        str(path.relative_to(ROOT)): name
        for folder in ("tests", "tools")
        for path in (ROOT / folder).rglob("*.py")
        for name in _imported(path)
        if name.startswith((".", "tests.")) and any(part.startswith("test_") for part in name.split("."))
    }

    assert importing == {}
