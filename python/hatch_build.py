"""Puts the sidecar's jar into the wheel; an editable install uses the one that `make build` leaves in the tree."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

JAR = Path("../jvm-sidecar/server/target/pillion-sidecar.jar")
PLACE = "pillion/jar/pillion-sidecar.jar"


class SidecarJar(BuildHookInterface[Any]):
    """Adds one file that is not in the package's folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the jar; there must be one, but for an editable install."""
        if version == "editable":
            return
        jar = (Path(self.root) / JAR).resolve()
        if not jar.is_file():
            raise FileNotFoundError(f"{jar} is missing: run `make build` before the wheel is built")
        build_data["force_include"][str(jar)] = PLACE
