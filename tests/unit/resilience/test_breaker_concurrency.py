"""Races, provoked: every traced thread gives way before each bytecode of the package."""

import asyncio
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from pillion.resilience import (
    Breaker,
    BreakerOpen,
    BreakerState,
    Bulkhead,
    BulkheadFull,
    Cause,
    FakeClock,
    Permit,
    RetryBudget,
    StateChange,
    WindowCounts,
)
from pillion.resilience.listeners import Listeners
from tests.support.virtual_time import run


def give_way(frame: FrameType, event: str, arg: Any) -> Any:
    """A trace function that lets another thread run before each bytecode of the package."""
    if "resilience" not in frame.f_code.co_filename:
        return None
    frame.f_trace_opcodes = True
    if event == "opcode":
        time.sleep(0)
    return give_way


def together(count: int, work: Callable[[], None]) -> None:
    """Run `work` on `count` threads that start at one moment."""
    start = threading.Barrier(count)

    def body() -> None:
        start.wait(30)
        work()

    threads = [threading.Thread(target=body) for _ in range(count)]
    before = threading.gettrace()
    threading.settrace(give_way)
    for thread in threads:
        thread.start()
    threading.settrace(before)
    for thread in threads:
        thread.join(60)


def ready_to_probe(clock: FakeClock) -> Breaker:
    breaker = Breaker("store", clock=clock)
    for _ in range(5):
        breaker.acquire().fail()
    clock.advance(0.25)
    return breaker


def test_of_100_threads_three_get_a_probe(clock: FakeClock) -> None:
    for _ in range(3):
        breaker = ready_to_probe(clock)
        permits: list[Permit] = []
        refusals: list[BreakerOpen] = []

        def work(
            breaker: Breaker = breaker,
            permits: list[Permit] = permits,
            refusals: list[BreakerOpen] = refusals,
        ) -> None:
            try:
                permits.append(breaker.acquire())
            except BreakerOpen as error:
                refusals.append(error)

        together(100, work)

        assert (len(permits), len(refusals)) == (3, 97)
        assert breaker.snapshot().refused == 97


def test_of_100_tasks_three_get_a_probe_while_the_probes_wait(clock: FakeClock) -> None:
    breaker = ready_to_probe(clock)

    async def work() -> bool:
        try:
            permit = breaker.acquire()
        except BreakerOpen:
            return False
        await asyncio.sleep(0.5)
        permit.succeed()
        return True

    async def main() -> list[bool]:
        return await asyncio.gather(*(work() for _ in range(100)))

    assert sum(run(clock, main())) == 3
    assert BreakerState.OPEN is breaker.state  # three slow probes


def test_one_permit_settled_by_many_threads_counts_once(clock: FakeClock) -> None:
    breaker = Breaker("store", clock=clock)
    permit = breaker.acquire()
    together(30, permit.fail)

    assert (breaker.snapshot().window.calls, breaker.snapshot().failed) == (1, 1)


def test_no_sample_is_lost_between_threads(clock: FakeClock) -> None:
    breaker = Breaker("store", clock=clock)
    breaker.metrics_only()

    def work() -> None:
        for number in range(8):
            permit = breaker.acquire()
            if number % 4 == 0:
                permit.fail()
            elif number % 4 == 1:
                permit.release()
            else:
                permit.succeed()

    together(10, work)

    snapshot = breaker.snapshot()
    assert WindowCounts(60, 20, 0) == snapshot.window
    assert (snapshot.succeeded, snapshot.failed, snapshot.neutral) == (40, 20, 20)


def test_calls_run_side_by_side(clock: FakeClock) -> None:
    breaker = Breaker("store", clock=clock)
    inside = threading.Barrier(10)

    def work() -> None:
        permit = breaker.acquire()
        inside.wait(30)  # breaks unless all ten are between acquire and succeed at once
        permit.succeed()

    together(10, work)

    assert breaker.snapshot().succeeded == 10


def test_a_bulkhead_admits_no_more_than_its_limit_of_threads() -> None:
    bulkhead = Bulkhead("store", limit=3)
    everyone_asked = threading.Barrier(30)
    admitted: list[int] = []

    def work() -> None:
        try:
            with bulkhead.slot():
                admitted.append(1)
                everyone_asked.wait(30)
        except BulkheadFull:
            everyone_asked.wait(30)

    together(30, work)

    assert (len(admitted), bulkhead.refused, bulkhead.in_flight) == (3, 27, 0)


def test_threads_share_a_budget_exactly() -> None:
    budget = RetryBudget(0.2, max_tokens=1000)
    retries: list[bool] = []

    def work() -> None:
        for _ in range(25):
            budget.deposit()
            retries.append(budget.withdraw())

    together(20, work)

    assert sum(retries) + budget.tokens == 100.0


def test_many_threads_that_deliver_tell_each_change_once_in_order_one_at_a_time() -> None:
    heard: list[int] = []
    at_once: list[int] = []
    inside = 0

    def listener(change: StateChange) -> None:
        nonlocal inside
        inside += 1
        at_once.append(inside)
        heard.append(change.generation)
        inside -= 1

    listeners = Listeners([listener])
    for number in range(50):
        state = BreakerState.OPEN
        listeners.queue(StateChange("store", state, state, Cause.OPERATOR, 0.0, number))

    together(10, listeners.deliver)

    assert heard == list(range(50))
    assert set(at_once) == {1}
