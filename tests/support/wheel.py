"""The wheel, built as `make wheel` builds it, and installed in a fresh environment away from the source tree."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from tools.checkout import ROOT

_TIMEOUT_S = 240


def run_bare(*command: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a command with nothing but the system's programs on its path."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )


def build_wheel(folder: Path) -> Path:
    """Returns the wheel, made in an empty folder."""
    built = run_bare(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT / "python")
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


def install(wheel: Path, folder: Path) -> Path:
    """Returns the bin folder of a fresh environment: the wheel, and the dependencies that are here already."""
    made = run_bare(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    assert made.returncode == 0, made.stderr
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    done = run_bare(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"
