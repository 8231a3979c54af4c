"""Records what the shim answers to each case, as what every host has to answer: `python -m tests.hosts.record`."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.hosts.cases import ask, read_worlds, write_world
from tests.hosts.host import HOSTS
from tests.hosts.stack import running


def main(names: list[str]) -> None:
    """Records the worlds of these names; all where none is named."""
    shim = HOSTS[0]
    for world in read_worlds():
        if names and world.name not in names:
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            running(world, [(shim, shim.command())], Path(folder)) as serving,
        ):
            cases = []
            for case in world.cases:
                got = ask(serving[shim.name].address, case["request"])
                if str(got.get("reason", "")).endswith(("_unreachable", "_breaker_open")):
                    # After some failures the breaker is open; how many there were depends on what was asked before.
                    dependency = got["reason"].partition("_")[0]
                    got["reason"] = [f"{dependency}_unreachable", f"{dependency}_breaker_open"]
                cases.append({"name": case["name"], "request": case["request"], "expect": got})
            write_world(replace(world, cases=tuple(cases)))


if __name__ == "__main__":
    main(sys.argv[1:])
