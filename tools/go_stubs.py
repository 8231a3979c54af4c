"""Generates the Go stubs of the sidecar's messages from its protocol files, into the module that holds them."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.checkout import ROOT
from tools.go import MODULE, PATH, find_go

STUBS = "internal/stubs"
FILES = ("inference", "rank")
_PLUGINS = {
    "go": "google.golang.org/protobuf/cmd/protoc-gen-go",
    "go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
}
_BUILD_S = 300


def generate(out: Path) -> None:
    """Writes `<out>/inference/*.pb.go` and `<out>/rank/*.pb.go`; the plugins are those that the module pins.

    Health has no stubs here: gRPC's own module has them, and the same message may be registered once in a process.
    """
    go = find_go()
    out.mkdir(parents=True, exist_ok=True)
    protocol = ROOT / "jvm-sidecar/server/src/main/proto"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{protocol}"]
        for plugin, package in _PLUGINS.items():
            binary = f"{folder}/protoc-gen-{plugin}"
            subprocess.run([go, "build", "-o", binary, package], cwd=MODULE, check=True, timeout=_BUILD_S)
            command += [f"--plugin={binary}", f"--{plugin}_out={out}", f"--{plugin}_opt=module={PATH}/{STUBS}"]
            command += [f"--{plugin}_opt=M{name}.proto={PATH}/{STUBS}/{name}" for name in FILES]
        subprocess.run([*command, *(f"{name}.proto" for name in FILES)], check=True, timeout=_BUILD_S)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODULE / STUBS)
    generate(parser.parse_args().out)
