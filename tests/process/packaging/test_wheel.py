"""The wheel alone, in a fresh environment and away from the source tree, runs the sidecar with any Java."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pillion import __version__
from tests.support.models import write_models

pytestmark = pytest.mark.process
_TIMEOUT_S = 240


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(root: Path, jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make wheel` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=root / "python")
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment: the wheel, and the dependencies that are here already."""
    folder = tmp_path_factory.mktemp("fresh")
    made = run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    ]
    done = run(*pip, cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_wheel_has_the_jar_and_no_test(wheel: Path, jar: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.getinfo("pillion/jar/pillion-sidecar.jar").file_size == jar.stat().st_size
    assert [name for name in names if "test" in name] == []


def test_an_installed_wheel_says_its_version(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "pillion", "--version", cwd=tmp_path)

    assert (said.returncode, said.stdout) == (0, f"pillion {__version__}\n")


def test_an_installed_wheel_checks_models_with_its_own_jar(installed: Path, tmp_path: Path) -> None:
    write_models(tmp_path / "models")

    checked = run(installed / "pillion", "sidecar", "--models", "models", "--check", cwd=tmp_path)

    assert checked.returncode == 0, checked.stderr
    assert [line.split(" engine=")[0] for line in checked.stdout.splitlines()] == ["picker/1 READY", "ranker/1 READY"]
    where = run(
        installed / "python",
        "-c",
        "import pillion.config; print(pillion.config.SidecarSettings().jar)",
        cwd=tmp_path,
    )
    assert where.stdout.strip().startswith(str(installed.parent)), where
