"""This checkout: its folder, and the sidecar's jar that `make build` makes in it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JAR = ROOT / "jvm-sidecar/server/target/pillion-sidecar.jar"
