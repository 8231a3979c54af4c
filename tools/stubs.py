"""Generates the Python classes of the sidecar's messages from its protocol files, into the package that holds them."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.checkout import ROOT

PACKAGE = "pillion/scoring/stubs"
FILES = ("health", "inference", "rank")
_POOL = "_descriptor_pool.Default()"


def generate(out: Path) -> None:
    """Writes `<out>/pillion/scoring/stubs/*_pb2.py` and their `.pyi`.

    Each file gets a descriptor pool of its own: other clients of the protocol, as tritonclient, register messages of
    the same names in the default pool, and the second one to be imported there would fail.
    """
    out.mkdir(parents=True, exist_ok=True)
    protocol = ROOT / "jvm-sidecar/server/src/main/proto"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / PACKAGE
        package.mkdir(parents=True)
        for name in FILES:
            text = (protocol / f"{name}.proto").read_text()
            (package / f"{name}.proto").write_text(text.replace('import "', f'import "{PACKAGE}/'))
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", "--python_out=.", "--pyi_out=."]
        subprocess.run([*command, *(f"{PACKAGE}/{name}.proto" for name in FILES)], cwd=out, check=True, timeout=120)
    for name in FILES:
        path = out / PACKAGE / f"{name}_pb2.py"
        shared = path.read_text()
        # A file that imports another has to be in its pool.
        imported = re.search(r"import \w+_pb2 as (\w+)", shared)
        own = f"{imported[1]}.DESCRIPTOR.pool" if imported else "_descriptor_pool.DescriptorPool()"
        assert _POOL in shared, f"{path} does not name a descriptor pool"
        path.write_text(shared.replace(_POOL, own))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "python/src")
    generate(parser.parse_args().out)
