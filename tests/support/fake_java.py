"""A `java` that says what a test wants."""

import stat
from pathlib import Path


def fake_java(folder: Path, text: str, status: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    java = folder / "java"
    java.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{text}\nEND\nexit {status}\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return java
