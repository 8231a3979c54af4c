"""What the docs name exists: paths, links, modules, classes, tests, make targets.

Superseded decisions and the changelog may name the past.
"""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tools.checkout import ROOT

FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
FOLDERS = {str(folder) for file in FILES for folder in Path(file).parents} - {"."}
PAGES = [
    file
    for file in FILES
    if file.endswith(".md")
    and file != "CHANGELOG.md"
    and (ROOT / file).exists()
    and "Status: superseded" not in (ROOT / file).read_text(encoding="utf-8")
]
SOURCES = (".py", ".java", ".go", ".proto", ".xml", ".toml", ".mk")
WORDS = {
    word
    for file in FILES
    if file.endswith(SOURCES) and (ROOT / file).exists()
    for word in re.findall(r"\w+", (ROOT / file).read_text(encoding="utf-8"))
}
TARGETS = {
    target
    for file in (ROOT / "Makefile", *(ROOT / "make").glob("*.mk"))
    for target in re.findall(r"^([a-z][a-z0-9-]*):", file.read_text(encoding="utf-8"), re.MULTILINE)
}
TOP = {Path(file).parts[0] for file in FILES if "/" in file}
MADE = re.compile(
    r"build/|pillion\.toml$|(items|verification)\.jsonl$|(manifest|schema|SCHEMA|serving|baseline)\.json$|model\.pmml$"
)
"""What a run writes, and files of a model repository."""


def _quoted(page: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


def _is_there(path: str) -> bool:
    bare = path.rstrip("/")
    return any(there == bare or there.endswith(f"/{bare}") for there in (*FILES, *FOLDERS))


def test_training_says_what_each_extra_is_for() -> None:
    extras = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["project"]["optional-dependencies"].keys()
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/training.md").read_text(), re.MULTILINE)

    assert set(told) == extras - {"build", "bench", "dev"}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    named = [path for quoted in _quoted(page) for path in re.findall(r"(?<![\w/.$~-])[\w-][\w./-]*\w/?", quoted)]
    paths = [
        path
        for path in named
        if re.search(r"\.(py|java|c|go|md|yml|toml|mk|lock|proto)$", path)
        or ("/" in path and path.split("/")[0] in TOP)
    ]

    assert [path for path in paths if not MADE.search(path) and not _is_there(path)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]

    assert [link for link in links if link and not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_class_and_target_exists(page: str) -> None:
    quoted = _quoted(page)
    classes = [name for text in quoted for name in re.findall(r"\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+\b", text)]
    modules = [name for text in quoted for name in re.findall(r"^pillion(?!\.toml$)(?:\.[a-z_]\w*)+$", text)]
    targets = [name for text in quoted for name in re.findall(r"^make ([a-z][a-z-]*)", text)]
    tests = [name for text in quoted for name in re.findall(r"\btest_\w+\b(?!\.py)", text)]

    assert [name for name in (*classes, *tests) if name not in WORDS] == []
    assert [name for name in modules if not _is_module(name)] == []
    assert [name for name in targets if name not in TARGETS] == []


def test_contributors_are_shown_the_layers_of_imports() -> None:
    settings = tomllib.loads((ROOT / "python/pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c["layers"] for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")

    assert "```\n" + "\n".join(layers) + "\n```" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _is_module(name: str) -> bool:
    """Whether it is a module or package of ours, or a name in one."""
    home, _, member = name.rpartition(".")
    modules = [f"python/src/{dotted.replace('.', '/')}" for dotted in (name, home)]
    if modules[0] in FOLDERS or f"{modules[0]}.py" in FILES:
        return True
    file = next((file for file in (f"{modules[1]}.py", f"{modules[1]}/__init__.py") if file in FILES), None)
    return file is not None and member in re.findall(r"\w+", (ROOT / file).read_text(encoding="utf-8"))
