"""What can be set from outside, as the programs say themselves."""

import re
import subprocess
from pathlib import Path

import pytest

from pillion.config import LogSettings, RecommendSettings, ShimSettings, SidecarSettings, StoreSettings
from pillion.scoring.java import find_java


@pytest.fixture(scope="session")
def variables(jar: Path) -> set[str]:
    """The variables that the sidecar's options and the shim's settings can be set by."""
    command = [str(find_java(None)), "-jar", str(jar), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    options = re.findall(r"--([a-z][a-z-]+)", said)
    assert len(options) > 10
    names = {f"PILLION_SIDECAR_{name.replace('-', '_').upper()}" for name in options} | {"PILLION_SIDECAR_ADMIN_TOKEN"}
    for settings in (StoreSettings, SidecarSettings, RecommendSettings, ShimSettings, LogSettings):
        names |= {f"{settings.model_config['env_prefix']}{name.upper()}" for name in settings.model_fields}
    return names


@pytest.fixture(scope="session")
def repository(root: Path) -> Path:
    """The Maven repository that a release would publish."""
    done = subprocess.run(["make", "-C", str(root), "maven"], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "build/maven"
