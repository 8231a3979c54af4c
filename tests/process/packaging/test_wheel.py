"""The wheel alone, in a fresh environment and away from the source tree, runs the sidecar with any Java."""

import zipfile
from pathlib import Path

import pytest

from pillion import __version__
from tests.support.models import write_models
from tests.support.wheel import run_bare

pytestmark = pytest.mark.process


def test_the_wheel_has_the_jar_and_no_test(wheel: Path, jar: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.getinfo("pillion/jar/pillion-sidecar.jar").file_size == jar.stat().st_size
    assert [name for name in names if "test" in name] == []


def test_the_wheel_has_every_file_of_the_package(wheel: Path, root: Path) -> None:
    source = root / "python" / "src"
    files = {path.relative_to(source).as_posix() for path in (source / "pillion").rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())

    assert {name for name in files if "__pycache__" not in name} - packed == set()
    assert "pillion/parity/templates/page.html" in packed


def test_an_installed_wheel_says_its_version(installed: Path, tmp_path: Path) -> None:
    said = run_bare(installed / "pillion", "--version", cwd=tmp_path)

    assert (said.returncode, said.stdout) == (0, f"pillion {__version__}\n")


def test_an_installed_wheel_checks_models_with_its_own_jar(installed: Path, tmp_path: Path) -> None:
    write_models(tmp_path / "models")

    checked = run_bare(installed / "pillion", "sidecar", "--models", "models", "--check", cwd=tmp_path)

    assert checked.returncode == 0, checked.stderr
    assert [line.split(" engine=")[0] for line in checked.stdout.splitlines()] == ["picker/1 READY", "ranker/1 READY"]
    where = run_bare(
        installed / "python",
        "-c",
        "import pillion.config; print(pillion.config.SidecarSettings().jar)",
        cwd=tmp_path,
    )
    assert where.stdout.strip().startswith(str(installed.parent)), where
