"""Records what the shim answers to each case, as what every host has to answer: `python -m tests.hosts.record`.

With `faults` for a name it adds the reasons that the shim gives under faults to those in `faults.yaml`, since some
depend on which of two limits is met first.
"""

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.hosts.cases import ask, read_worlds, write_world
from tests.hosts.faults import SHIM, read_expected, write_expected
from tests.hosts.host import HOSTS
from tests.hosts.stack import running
from tools.chaos.kinds import KINDS
from tools.chaos.matrix import run_cell

_FAULTS = "faults"


def main(names: list[str]) -> None:
    """Records the worlds of these names; all where none is named."""
    shim = HOSTS[0]
    if _FAULTS in names:
        record_faults()
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


def record_faults() -> None:
    """Adds what the shim answers under each fault to what is known of it."""
    found = read_expected()
    for play in SHIM:
        with (
            tempfile.TemporaryDirectory(prefix="pillion-") as folder,
            play.stack(Path(folder), play.host.command()) as stack,
        ):
            for kind in KINDS:
                if not kind.clocks:
                    cell = asyncio.run(run_cell(stack, kind, play.target, 24, 30.0, row=20, patience_s=60.0))
                    print(cell.row(), cell.reasons, cell.first, flush=True)
                    known = found.setdefault(kind.name, {}).setdefault(play.target, [])
                    known[:] = sorted({*known, *cell.reasons} - {"none", f"{play.target}_breaker_open"})
    write_expected(found)


if __name__ == "__main__":
    main(sys.argv[1:])
