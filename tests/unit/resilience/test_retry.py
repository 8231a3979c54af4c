import pytest

from pillion.resilience import Deadline, FakeClock, Retry, RetryBudget, RetrySettings
from tests.support.virtual_time import run


class Script:
    """A call that raises or returns what is written, one line an attempt."""

    def __init__(self, *lines: object) -> None:
        self._lines = list(lines)
        self.attempts = 0

    async def attempt(self) -> object:
        self.attempts += 1
        line = self._lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line


class Bench:
    """A Retry on a fake clock."""

    def __init__(self, clock: FakeClock, chance: float = 0.0, **settings: float) -> None:
        self.clock = clock
        self.slept: list[float] = []
        self.budget = RetryBudget(1.0)
        self.retry = Retry(
            RetrySettings(**settings),  # type: ignore[arg-type]
            self.budget,
            random=lambda: chance,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.clock.sleep(seconds)

    def call(self, script: Script, seconds: float = 1.0, reserve: float = 0.0) -> object:
        deadline = Deadline.after(seconds, self.clock, reserve)
        return run(self.clock, self.retry.call(script.attempt, deadline, refused))


def refused(error: BaseException) -> bool:
    return isinstance(error, ConnectionRefusedError)


def test_an_answer_is_not_tried_again(clock: FakeClock) -> None:
    bench, script = Bench(clock), Script("a", "b")

    assert bench.call(script) == "a"
    assert (script.attempts, bench.slept) == (1, [])


def test_a_refused_call_is_tried_a_second_time(clock: FakeClock) -> None:
    bench, script = Bench(clock), Script(ConnectionRefusedError(), "b")

    assert bench.call(script) == "b"


def test_there_is_no_third_attempt_and_the_last_error_is_raised_as_it_is(clock: FakeClock) -> None:
    last = ConnectionRefusedError("second")
    bench, script = Bench(clock), Script(ConnectionRefusedError("first"), last, "c")

    with pytest.raises(ConnectionRefusedError) as caught:
        bench.call(script)

    assert caught.value is last
    assert script.attempts == 2


def test_an_error_that_is_not_retryable_is_raised_at_once(clock: FakeClock) -> None:
    error = ConnectionResetError()
    bench, script = Bench(clock), Script(error, "b")

    with pytest.raises(ConnectionResetError) as caught:
        bench.call(script)

    assert caught.value is error
    assert (script.attempts, bench.budget.tokens) == (1, 1.0)


def test_a_later_error_that_is_not_retryable_ends_the_attempts(clock: FakeClock) -> None:
    bench, script = Bench(clock, attempts=3), Script(ConnectionRefusedError(), ConnectionResetError(), "c")
    bench.budget.deposit()  # for a third attempt, which is not to be made

    with pytest.raises(ConnectionResetError):
        bench.call(script)

    assert script.attempts == 2


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 0.001), (0.5, 0.003), (0.999999, 0.005)])
def test_chance_picks_the_wait_from_one_to_five_milliseconds(clock: FakeClock, chance: float, wait: float) -> None:
    bench = Bench(clock, chance)
    bench.call(Script(ConnectionRefusedError(), "b"))

    assert bench.slept == [pytest.approx(wait, abs=1e-7)]


@pytest.mark.parametrize(("seconds", "attempts"), [(0.75, 2), (0.7499, 1)])
def test_wait_and_p99_must_fit_before_the_reserve(clock: FakeClock, seconds: float, attempts: int) -> None:
    bench = Bench(clock, min_wait_s=0.125, max_wait_s=0.125, p99_s=0.5)
    script = Script(ConnectionRefusedError(), ConnectionRefusedError())

    with pytest.raises(ConnectionRefusedError):
        bench.call(script, seconds, reserve=0.125)

    assert script.attempts == attempts


def test_a_retry_that_does_not_fit_costs_no_token(clock: FakeClock) -> None:
    bench = Bench(clock)
    with pytest.raises(ConnectionRefusedError):
        bench.call(Script(ConnectionRefusedError()), seconds=0.002)

    assert bench.budget.tokens == 1.0


def test_the_budget_bounds_the_attempts_on_a_dead_dependency(clock: FakeClock) -> None:
    retry = Retry(budget=RetryBudget(0.2), sleep=clock.sleep)
    bench = Bench(clock)
    bench.retry = retry
    attempts = 0
    for _ in range(100):
        script = Script(ConnectionRefusedError(), ConnectionRefusedError())
        with pytest.raises(ConnectionRefusedError):
            bench.call(script)
        attempts += script.attempts

    assert attempts == 120


def test_one_attempt_switches_retrying_off(clock: FakeClock) -> None:
    script = Script(ConnectionRefusedError())
    with pytest.raises(ConnectionRefusedError):
        Bench(clock, attempts=1).call(script)

    assert script.attempts == 1


@pytest.mark.parametrize("change", [{"attempts": 0}, {"min_wait_s": 0.1}, {"min_wait_s": -1.0}, {"p99_s": -1.0}])
def test_senseless_settings_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        RetrySettings(**change)  # type: ignore[arg-type]
