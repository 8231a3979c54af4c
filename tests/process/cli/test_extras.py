"""A wheel without extras: commands that need one say which, in a sentence."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pillion.extras import _EXTRAS

_PROGRAM = """
import sys
for name in ("grpc", "jinja2", "lxml", "mlflow", "pandas", "py4j", "pyarrow", "pygal", "pyspark", "pyspark2pmml"):
    sys.modules[name] = None
from pillion.cli import main
main()
"""
_MODEL = ("--pipeline", "p", "--schema", "s.json", "--data", "rows.csv")


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--pipeline", "p"),
        ("export", *_MODEL, "--output", "o"),
        ("publish", *_MODEL, "--models", "m"),
        ("parity", *_MODEL),
        ("init", *_MODEL[:4]),
        ("batch", "--models", "m"),
        ("train", "demo"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_lacks_its_extra_names_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "p").mkdir()
    for name in ("s.json", "rows.csv"):
        (tmp_path / name).write_text("")

    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *command], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    told = ran.stderr.splitlines()[-1]
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert told.startswith("error: this command needs '")
    assert told.endswith("', which is not installed: install pillion[train]")


def test_the_extra_train_brings_what_checking_exporting_and_parity_import(root: Path) -> None:
    extras = tomllib.loads((root / "python/pyproject.toml").read_text())["project"]["optional-dependencies"]
    brought = {"train", *re.findall(r"pillion\[(\w+)\]", " ".join(extras["train"]))}
    absent = [module for module, extra in _EXTRAS.items() if extra not in brought]
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}));"
        " import pillion.api.check, pillion.api.export, pillion.api.parity"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)

    assert ran.returncode == 0, ran.stderr
