"""Packs the Go module as a module proxy serves it, so that GOPROXY=file://FOLDER has it, and its zip for a `replace`.

Source: "Go Modules Reference", the GOPROXY protocol and module zip files.
"""

import argparse
import json
import subprocess
import zipfile
from pathlib import Path

from tools.checkout import ROOT
from tools.go import MODULE, PATH

_CREATED = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path, version: str) -> Path:
    """Writes `<folder>/pillion.example/pillion/@v/<version>.zip` and what stands beside it; returns the zip."""
    said = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "."]
    done = subprocess.run(said, cwd=MODULE, capture_output=True, text=True, check=True)
    files = {name: MODULE / name for name in sorted(set(done.stdout.split())) if (MODULE / name).is_file()}
    files |= {name: ROOT / name for name in ("LICENSE", "NOTICE")}
    target = folder / PATH / "@v"
    target.mkdir(parents=True, exist_ok=True)
    archive = target / f"{version}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in files.items():
            entry = zipfile.ZipInfo(f"{PATH}@{version}/{name}", _CREATED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    (target / f"{version}.mod").write_bytes((MODULE / "go.mod").read_bytes())
    (target / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "1980-01-01T00:00:00Z"}))
    (target / "list").write_text(f"{version}\n")
    return archive


if __name__ == "__main__":
    from pillion import __version__

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", default=f"v{__version__}")
    arguments = parser.parse_args()
    print(pack(arguments.folder, arguments.version))
