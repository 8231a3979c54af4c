"""Collects the PMML documents of git repositories into a folder for `python -m tools.documents`.

Takes clones with their history (`git clone --mirror` will do) and writes the newest version of each document that was
ever in them, under the clone's name; the same content counts once a clone. The collection that `docs/engine.md` counts
was made so from these projects on GitHub: jpmml/jpmml, jpmml/jpmml-evaluator, jpmml/jpmml-sparkml,
jpmml/jpmml-transpiler, kiegroup/drools, autodeployai/pmml4s, AmadeusITGroup/cPMML, SoftwareAG/nyoka,
iamDecode/sklearn-pmml-model, FlinkML/flink-jpmml and rstonkus/pmml4net; and from the XGBoost and LightGBM models among
the test resources of jpmml/jpmml-xgboost and jpmml/jpmml-lightgbm, which those projects' own command lines convert.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_CHANGED = re.compile(r":\d+ \d+ \w+ (\w+) [AM]\t(.*)")
_HEAD = 3_000
_LARGEST = 30_000_000


def main() -> int:
    """Reads the clones, writes the documents; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.collection", description=__doc__)
    parser.add_argument("folder", type=Path, help="Where the documents go.")
    parser.add_argument("clones", type=Path, nargs="+", help="Git directories.")
    arguments = parser.parse_args()
    for clone in arguments.clones:
        into = arguments.folder / clone.name.removesuffix(".git")
        into.mkdir(parents=True, exist_ok=True)
        count = 0
        for name, document in documents(clone):
            (into / name).write_bytes(document)
            count += 1
        print(f"{into.name}: {count} documents")
    return 0


def documents(clone: Path) -> Iterator[tuple[str, bytes]]:
    """The documents of a clone, each once, with the names of files for them."""
    seen = set()
    for path, blob in newest(clone).items():
        if path.endswith("pom.xml") or "/target/" in path:
            continue
        content = _git(clone, "cat-file", "blob", blob)
        digest = hashlib.sha256(content).digest()
        if b"<PMML" not in content[:_HEAD] or len(content) > _LARGEST or digest in seen:
            continue
        seen.add(digest)
        name = path.replace("/", "__")
        yield name if name.endswith(".pmml") else name + ".pmml", content


def newest(clone: Path) -> dict[str, str]:
    """The newest blob of each XML file that was ever in the clone, by its path."""
    log = _git(
        clone,
        "-c",
        "core.quotePath=false",
        "log",
        "--all",
        "--format=",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--diff-filter=AM",
        "--",
        "*.pmml",
        "*.PMML",
        "*.xml",
    )
    found: dict[str, str] = {}
    for line in log.decode().splitlines():
        changed = _CHANGED.match(line)
        if changed:
            found.setdefault(changed[2], changed[1])
    return found


def _git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", clone, *arguments], capture_output=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
