"""Kills store and sidecar with SIGKILL in turn under load: `python -m tools.chaos.soak_kill --kills 100`.

Prints how soon the model answered again after the process was back, and how many connections the return brought.
"""

import asyncio
import sys
from dataclasses import dataclass, field

from tools.chaos.goals import Goal
from tools.chaos.load import Client, Tally, send, until_online
from tools.chaos.soak import soak
from tools.chaos.stack import SIDECAR, STORE, Stack

GOAL_S = 6.0


@dataclass(slots=True)
class Outcome:
    """What the kills came to.

    Attributes:
        tally: All requests.
        recovered_s: By kill, seconds from the process's return to the model's; None where it did not come.
        connections: By kill, how many connections the dependency was asked for, from the kill to the recovery.
    """

    tally: Tally = field(default_factory=Tally)
    recovered_s: list[float | None] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)

    @property
    def in_time(self) -> int:
        """How many recoveries took no longer than the goal."""
        return sum(seconds is not None and seconds <= GOAL_S for seconds in self.recovered_s)


async def kill_often(
    stack: Stack, kills: int, per_s: float, *, down_s: float = 0.7, row: int = 100, patience_s: float = 30.0
) -> Outcome:
    """Kills the dependencies in turn, and waits after each for the model's return.

    Args:
        stack: Healthy.
        kills: How many.
        per_s: Requests a second, all the while.
        down_s: How long a killed process stays down, beside the time that its start takes.
        row: Answers that show recovery.
        patience_s: How long recovery may take.
    """
    outcome = Outcome()
    client = Client(stack.shim.host, stack.shim.port, hang_s=10.0)
    await until_online(client, outcome.tally, per_s, row, patience_s)
    for number in range(kills):
        dependency = (STORE, SIDECAR)[number % 2]
        before = await _connections(stack, dependency)
        stack.kill(dependency)
        reviving = asyncio.create_task(_revive(stack, dependency, down_s))
        while not reviving.done():
            await send(client, outcome.tally, max(1, int(per_s / 10)), per_s, seed=number)
        await reviving
        outcome.recovered_s.append(await until_online(client, outcome.tally, per_s, row, patience_s))
        outcome.connections.append(await _connections(stack, dependency) - before)
    await client.close()
    return outcome


async def _connections(stack: Stack, dependency: str) -> int:
    """How many connections a dependency was asked for so far; 0 where nothing stands between to count them."""
    return (await asyncio.to_thread(stack.proxy.counts))[dependency]["connections"] if stack.proxied else 0


async def _revive(stack: Stack, dependency: str, down_s: float) -> None:
    await asyncio.sleep(down_s)
    await asyncio.to_thread(stack.revive, dependency)


def _judge(outcome: Outcome, kills: int) -> tuple[list[Goal], str]:
    tally = outcome.tally
    unanswered = tally.hangs + tally.broken + tally.refused
    known = sorted(seconds for seconds in outcome.recovered_s if seconds is not None) or [float("inf")]
    storms = sorted(outcome.connections)
    return [
        (f"model back within {GOAL_S:.0f} s", "≥ 99 %", f"{outcome.in_time} of {kills}, median "
         f"{known[len(known) // 2]:.2f} s, longest {known[-1]:.2f} s", outcome.in_time >= 0.99 * kills),
        ("requests without a good answer", "0", f"{tally.errors} 5xx, {unanswered} unanswered, {tally.malformed} "
         f"malformed, {tally.wrong_user} of another user, of {tally.sent}", not tally.lost and not tally.refused),
        ("connections a return", "≤ 60", f"median {storms[len(storms) // 2]}, most {storms[-1]}", storms[-1] <= 60),
    ], tally.first  # fmt: skip


if __name__ == "__main__":
    sys.exit(soak(sys.argv[1:], "tools.chaos.soak_kill", "kills", 60.0, kill_often, _judge))
