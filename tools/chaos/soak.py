"""What the soaks share: their options, the stack that they strain, and the report of their goals."""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

from tools.chaos.goals import Goal, print_goals
from tools.chaos.stack import PATIENT, Stack

_Outcome = TypeVar("_Outcome")


def soak(
    words: list[str],
    module: str,
    times: str,
    rate: float,
    strain: Callable[[Stack, int, float], Coroutine[None, None, _Outcome]],
    judge: Callable[[_Outcome, int], tuple[list[Goal], str]],
) -> int:
    """Strains a stack of its own and prints the goals beside what was measured.

    Args:
        words: The command line's: `--<times>`, `--rate`, `--patient`.
        module: Its name, for the help.
        times: What is done again and again, in the plural.
        rate: Requests a second, by default.
        strain: Does it so many times at so many requests a second.
        judge: Returns the goals, and a remark or nothing, of an outcome of so many times.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog=module)
    parser.add_argument(f"--{times}", dest="times", type=int, default=100)
    parser.add_argument("--rate", type=float, default=rate, help="requests a second")
    parser.add_argument("--patient", action="store_true", help="long deadlines, for a machine that is busy")
    arguments = parser.parse_args(words)
    environment = PATIENT if arguments.patient else None
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder), environment) as stack:
        outcome = asyncio.run(strain(stack, arguments.times, arguments.rate))
    goals, remark = judge(outcome, arguments.times)
    print(f"{arguments.times} {times} at {arguments.rate:.0f} requests a second")
    status = print_goals(goals)
    if remark:
        print(remark)
    return status
