import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import pytest

from pillion.errors import InvalidInput
from pillion.resilience import (
    UNEXPECTED,
    BreakerOpen,
    Deadline,
    FakeClock,
    Guard,
    GuardSettings,
    Ladder,
    LadderAnswer,
    LadderExhausted,
    MemoryRung,
    NoAnswer,
    Passed,
    Rung,
)
from tests.support.virtual_time import run

Call = Callable[[Deadline], Awaitable[str | NoAnswer[Deadline]]]


def gives(value: str | NoAnswer[Deadline]) -> Call:
    async def call(deadline: Deadline) -> str | NoAnswer[Deadline]:
        return value

    return call


def raises(error: BaseException) -> Call:
    async def call(deadline: Deadline) -> str | NoAnswer[Deadline]:
        raise error

    return call


async def hang(deadline: Deadline) -> str | NoAnswer[Deadline]:
    await asyncio.sleep(3600)
    return "too late"


def guarded(clock: FakeClock, call: Call) -> Call:
    """The same call through a guard whose attempts may take all the time of the request."""
    guard = Guard("sidecar", GuardSettings(timeout_s=3600.0), clock=clock)

    async def through_guard(deadline: Deadline) -> str | NoAnswer[Deadline]:
        return await guard.call(lambda timeout_s: call(deadline), deadline)

    return through_guard


def climb(
    clock: FakeClock,
    rungs: Sequence[Rung[Deadline, str]],
    memory: Sequence[MemoryRung[Deadline, str]] = (),
    *,
    seconds: float = 1.0,
    reserve: float = 0.0,
) -> LadderAnswer[str]:
    ladder = Ladder(rungs, memory)
    return run(clock, ladder.answer(Deadline.after(seconds, clock, reserve)))


POPULAR = MemoryRung[Deadline, str]("popular", lambda _: "popular items")


def test_the_first_rung_that_answers_wins(clock: FakeClock) -> None:
    answer = climb(clock, [Rung("online", gives("scored")), Rung("batch", raises(AssertionError()))], [POPULAR])

    assert LadderAnswer("scored", "online", ()) == answer
    assert answer.reason is None


def test_the_answer_says_why_each_rung_above_did_not_answer(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    error = KeyError("bug")
    with caplog.at_level(logging.ERROR, "pillion.resilience.ladder"):
        answer = climb(
            clock,
            [
                Rung("online", raises(BreakerOpen("open"))),
                Rung("batch", gives(NoAnswer("no_batch_answer"))),
                Rung("other", raises(error)),
            ],
            [MemoryRung("segment", lambda _: NoAnswer("unknown_segment")), POPULAR],
        )

    passed = (
        Passed("online", "breaker_open"),
        Passed("batch", "no_batch_answer"),
        Passed("other", UNEXPECTED),
        Passed("segment", "unknown_segment"),
    )
    assert LadderAnswer("popular items", "popular", passed) == answer
    assert answer.reason == "breaker_open"
    assert [("rung other failed", error)] == [
        (record.getMessage(), record.exc_info[1]) for record in caplog.records if record.exc_info
    ]


def test_an_empty_answer_is_an_answer(clock: FakeClock) -> None:
    assert climb(clock, [Rung("online", gives(""))], [POPULAR]).source == "online"


def test_a_guarded_rung_that_hangs_is_ended_when_the_reserve_begins(clock: FakeClock) -> None:
    began = clock.monotonic()
    answer = climb(clock, [Rung("online", guarded(clock, hang))], [POPULAR], seconds=0.5, reserve=0.125)

    assert (Passed("online", "deadline_exceeded"),) == answer.passed
    assert clock.monotonic() - began == 0.375


def test_memory_is_asked_even_when_no_time_is_left_and_the_rest_is_not(clock: FakeClock) -> None:
    asked = guarded(clock, raises(AssertionError("asked")))
    answer = climb(clock, [Rung("online", asked)], [POPULAR], seconds=0.0)

    assert LadderAnswer("popular items", "popular", (Passed("online", "deadline_exceeded"),)) == answer


def test_a_guarded_rung_that_turns_its_cancellation_into_an_error_was_late(clock: FakeClock) -> None:
    async def wrapping(deadline: Deadline) -> str:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as error:
            raise ConnectionError from error
        return "never"

    answer = climb(clock, [Rung("online", guarded(clock, wrapping))], [POPULAR])

    assert answer.reason == "deadline_exceeded"


def test_a_memory_rung_that_raises_is_passed(clock: FakeClock) -> None:
    def broken(deadline: Deadline) -> str:
        raise InvalidInput("no such segment")

    answer = climb(clock, [], [MemoryRung("segment", broken), POPULAR])

    assert (answer.source, answer.reason) == ("popular", "invalid_input")


def test_cancellation_is_not_an_answer(clock: FakeClock) -> None:
    async def main() -> None:
        ladder = Ladder([Rung("online", hang)], [POPULAR])
        task = asyncio.ensure_future(ladder.answer(Deadline.after(1.0, clock)))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    run(clock, main())


def test_a_ladder_without_an_answer_says_so_with_every_reason(clock: FakeClock) -> None:
    with pytest.raises(LadderExhausted, match="breaker_open, empty") as caught:
        climb(
            clock,
            [Rung("online", raises(BreakerOpen("open")))],
            [MemoryRung("popular", lambda _: NoAnswer("empty"))],
        )

    assert (caught.value.code, caught.value.reasons) == ("ladder_exhausted", ("breaker_open", "empty"))


def test_a_ladder_without_rungs_has_no_answer(clock: FakeClock) -> None:
    with pytest.raises(LadderExhausted, match="there is none"):
        climb(clock, [])


def test_the_rungs_below_get_what_a_rung_learned(clock: FakeClock) -> None:
    first, told = Deadline.after(1.0, clock), Deadline.after(2.0, clock)
    got: list[Deadline] = []

    def noting(deadline: Deadline) -> NoAnswer[Deadline]:
        got.append(deadline)
        return NoAnswer("nothing")

    rungs = [Rung("online", gives(NoAnswer("late", told)))]
    ladder = Ladder(rungs, [MemoryRung("segment", noting), MemoryRung("popular", noting)])
    with pytest.raises(LadderExhausted):
        run(clock, ladder.answer(first))

    assert got == [told, told]


def test_values_of_a_ladder_can_be_made_with_their_type_spelled_out() -> None:
    made = (
        Rung[Deadline, str]("online", gives("a")),
        MemoryRung[Deadline, str]("popular", lambda _: "b"),
        LadderAnswer[str]("c", "d"),
    )

    assert (made[0].name, made[1].name, made[2].source) == ("online", "popular", "d")
