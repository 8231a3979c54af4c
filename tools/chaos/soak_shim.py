"""Stops the shim with SIGTERM under load, again and again: `python -m tools.chaos.soak_shim --signals 100`.

A request is accepted once its connection is: it must be answered. One that finds nobody listening is not.
"""

import asyncio
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field

from tools.chaos.goals import Goal
from tools.chaos.load import Client, Tally, send, until_online
from tools.chaos.soak import soak
from tools.chaos.stack import Stack

GOAL_S = 5.0


@dataclass(slots=True)
class Outcome:
    """What the signals came to.

    Attributes:
        tally: All requests.
        exits_s: By signal, seconds until the shim had ended.
        statuses: Its exit statuses.
    """

    tally: Tally = field(default_factory=Tally)
    exits_s: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)


async def stop_often(stack: Stack, signals: int, per_s: float, *, seed: int = 0, patience_s: float = 30.0) -> Outcome:
    """Stops the shim at a random moment of a load that goes on, and starts it anew.

    Args:
        stack: Healthy.
        signals: How often.
        per_s: Requests a second.
        seed: Of the moments.
        patience_s: How long a start and an answer may take.
    """
    outcome, chance = Outcome(), random.Random(seed)
    for number in range(signals):
        client = Client(stack.shim.host, stack.shim.port, hang_s=patience_s)
        await until_online(client, outcome.tally, per_s, 10, patience_s)
        load = asyncio.create_task(send(client, outcome.tally, int(per_s), per_s, seed=seed + number))
        await asyncio.sleep(chance.uniform(0.2, 0.6))
        began = time.monotonic()
        os.kill(stack.shim.process.pid, signal.SIGTERM)
        outcome.statuses.add(await asyncio.to_thread(stack.shim.process.wait, patience_s))
        outcome.exits_s.append(time.monotonic() - began)
        await load
        await client.close()
        await asyncio.to_thread(stack.restart_shim)
    return outcome


def _judge(outcome: Outcome, signals: int) -> tuple[list[Goal], str]:
    tally, exits = outcome.tally, sorted(outcome.exits_s)
    accepted = tally.sent - tally.refused
    late = sum(seconds > GOAL_S for seconds in exits)
    return [
        (
            "accepted requests lost",
            "0",
            f"{tally.lost} of {accepted}; {tally.refused} more found nobody",
            tally.lost == 0,
        ),
        ("exit", "≤ 5 s", f"median {exits[len(exits) // 2]:.2f} s, longest {exits[-1]:.2f} s", late == 0),
        ("exit status", "0", ", ".join(map(str, sorted(outcome.statuses))), outcome.statuses == {0}),
    ], tally.first if tally.lost else ""


if __name__ == "__main__":
    sys.exit(soak(sys.argv[1:], "tools.chaos.soak_shim", "signals", 100.0, stop_often, _judge))
