"""The JVM's archive of what a sidecar's start loads: made once by a rehearsed start, used by all later ones.

Java 17 to 24 read a class data sharing archive, Java 25 and later an AOT cache, which holds profiles of the code as
well. Both fit one Java and one jar; the archive's name has both in it, so that another Java or another jar finds none
and starts as usual.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pillion.errors import ConfigurationError
from pillion.scoring.java import java_version, run_java

_log = logging.getLogger("pillion.sidecar")
_OLDEST_WITH_AOT_CACHE = 25
_TIMEOUT_S = 300.0
_KEY_LENGTH = 16
_QUIET = ["-Xlog:disable", "-Xlog:all=error:stderr"]
"""A JVM says on standard output what it thinks of an archive; that is where the addresses go."""


class StartupArchive:
    """The archive for one Java and one jar, whether it is there or not.

    Args:
        java: The `java`.
        jar: The sidecar's jar.
        environment: Where the cache folder is looked up.
    """

    def __init__(self, java: Path, jar: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._java = java
        self._jar = jar
        cache = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self._folders = [jar.parent, Path(cache) / "pillion"]
        self._stem = f"{jar.stem}-{_key(java, jar)}"

    def find(self) -> Path | None:
        """Returns the archive, beside the jar or in the user's cache folder; None where there is none."""
        for folder in self._folders:
            for suffix in ("aot", "jsa"):
                path = folder / f"{self._stem}.{suffix}"
                if path.is_file():
                    return path
        return None

    def options(self) -> list[str]:
        """Returns the options that make a JVM use the archive; none where there is none."""
        path = self.find()
        if path is None:
            return []
        flag = "AOTCache" if path.suffix == ".aot" else "SharedArchiveFile"
        return [f"-XX:{flag}={path}", *_QUIET]

    def make(self, models: Path, jvm_options: Sequence[str] = ()) -> Path:
        """Makes the archive by a start over a model repository, and returns it.

        Args:
            models: The repository; what its models need is what is archived.
            jvm_options: The options that the sidecar will run with.

        Raises:
            ConfigurationError: The sidecar does not start, or no archive came of it.
        """
        version = java_version(self._java)
        aot = version >= _OLDEST_WITH_AOT_CACHE
        folder = next((folder for folder in self._folders if _writable(folder)), None)
        if folder is None:
            raise ConfigurationError(f"there is no folder to write the archive to: {self._folders[-1]} is read-only")
        path = folder / f"{self._stem}.{'aot' if aot else 'jsa'}"
        with tempfile.TemporaryDirectory(dir=folder, prefix=".archive-") as drafts:
            draft = Path(drafts) / path.name
            flag = "AOTCacheOutput" if aot else "ArchiveClassesAtExit"
            command = [str(self._java), f"-XX:{flag}={draft}", *_QUIET, *jvm_options, "-jar", str(self._jar)]
            command += ["--models", str(models), "--http", "127.0.0.1:0", "--exit-with-stdin"]
            # Standard input that has ended already: it starts, warms up, and ends.
            run = run_java(command, _TIMEOUT_S)
            if run.returncode != 0 or not draft.is_file():
                said = [line for line in run.stderr.splitlines() if line.strip()]
                raise ConfigurationError(f"no archive was made: {said[-1] if said else 'Java gave no reason'}")
            for old in folder.glob(f"{self._jar.stem}-*{path.suffix}"):
                if self._is_outdated(old):
                    old.unlink(missing_ok=True)
            draft.replace(path)
        _log.info("made %s for Java %d", path, version)
        return path

    def _is_outdated(self, path: Path) -> bool:
        """Whether an archive is of a former jar; those of the same jar are for another Java."""
        return path.stem != self._stem and path.stat().st_mtime_ns < self._jar.stat().st_mtime_ns


def _key(java: Path, jar: Path) -> str:
    """Returns what changes with the Java or the jar, by what a JVM looks at itself: sizes and times, not contents."""
    digest = hashlib.sha256()
    home = java.resolve().parent.parent
    for path in (java.resolve(), home / "lib" / "modules", home / "lib" / "server" / "libjvm.so", jar.absolute()):
        try:
            found = path.stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path} absent\n".encode())
    return digest.hexdigest()[:_KEY_LENGTH]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
