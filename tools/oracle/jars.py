"""The oracle's jars: Resilience4j from Maven Central, pinned by version and checksum."""

import hashlib
import subprocess
from pathlib import Path

from tools.checkout import ROOT

FOLDER = ROOT / "build" / "oracle"
_R4J = "io.github.resilience4j:resilience4j-"
JARS = {
    f"{_R4J}circuitbreaker:2.4.0": "31ab1d15570357271b8c28d82b2f412c5f36a81ac253145aa32177c4f087efdc",
    f"{_R4J}core:2.4.0": "a15d25c4709a4c12432cd0a4f620e37a00a82dbe112f5d1a7a68b31325ffc978",
    "org.slf4j:slf4j-api:2.0.17": "7b751d952061954d5abfed7181c1f645d336091b679891591d63329c622eb832",
}
"""SHA-256 by artifact."""
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"


def fetch() -> list[Path]:
    """Returns the jars, after fetching those that are not there yet.

    Raises:
        ValueError: A jar is not the one that was pinned.
    """
    found = []
    for artifact, expected in JARS.items():
        _, name, version = artifact.split(":")
        jar = FOLDER / f"{name}-{version}.jar"
        if not jar.is_file():
            command = [
                "./mvnw",
                "-q",
                "-B",
                _PLUGIN,
                f"-Dartifact={artifact}",
                f"-DoutputDirectory={FOLDER}",
            ]
            subprocess.run(command, cwd=ROOT / "jvm-sidecar", check=True, timeout=300)
        actual = hashlib.sha256(jar.read_bytes()).hexdigest()
        if actual != expected:
            raise ValueError(f"{jar} is not the file that was pinned: its SHA-256 is {actual}")
        found.append(jar)
    return found
