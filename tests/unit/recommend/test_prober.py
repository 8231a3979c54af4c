"""The health prober: a dependency that came back cold is warmed up and tried at once, and a dead one is left alone."""

from collections.abc import Callable, Sequence

import pytest

from pillion.errors import SidecarRefused, SidecarUnreachable
from pillion.recommend.prober import HealthProber, ReplayProbe
from pillion.resilience import Breaker, BreakerState, FakeClock
from pillion.scoring import FakeScorer, RankedItems, RankRequest

SLOW_S = 0.025
REQUEST = RankRequest("ranker", {}, {}, 1, request_id="r")


class Dependency:
    """Answers each probe after its time; None is no answer."""

    def __init__(self, clock: FakeClock, times: Sequence[float | None]) -> None:
        self.clock, self.times, self.probes = clock, list(times), 0

    async def probe(self, timeout_s: float) -> None:
        self.probes += 1
        seconds = self.times.pop(0) if self.times else 0.001
        if seconds is None:
            raise SidecarUnreachable("nobody listens")
        self.clock.advance(seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(100.0)


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    """Open, with its interval doubled to the longest."""
    breaker = Breaker("sidecar", clock=clock, random=lambda: 0.0)
    for _ in range(5):
        breaker.acquire().fail()
    for _ in range(6):
        clock.advance(5.0)
        breaker.acquire().fail()
    assert breaker.snapshot().retry_after_s == 5.0
    return breaker


async def test_a_dependency_that_answers_fast_is_tried_at_once_and_closed_by_its_probes(
    clock: FakeClock, breaker: Breaker
) -> None:
    assert await HealthProber(breaker, Dependency(clock, []).probe, SLOW_S, clock).check()

    states = [breaker.state]
    probes = [breaker.acquire() for _ in range(3)]
    for probe in probes:
        probe.succeed()
    assert [*states, breaker.state] == [BreakerState.OPEN, BreakerState.CLOSED]


async def test_a_cold_one_is_warmed_up_first(clock: FakeClock, breaker: Breaker) -> None:
    dependency = Dependency(clock, [0.4, 0.1, 0.02, 0.03])

    assert await HealthProber(breaker, dependency.probe, SLOW_S, clock).check()

    assert dependency.probes == 7  # three consecutive ones were fast
    assert breaker.snapshot().retry_after_s == 0.0


async def test_one_that_stays_slow_is_left_to_the_breakers_own_rules(clock: FakeClock, breaker: Breaker) -> None:
    dependency = Dependency(clock, [0.04] * 20)

    assert not await HealthProber(breaker, dependency.probe, SLOW_S, clock).check()

    assert dependency.probes == 10
    assert breaker.snapshot().retry_after_s == pytest.approx(4.6)


@pytest.mark.parametrize("times", [[None], [0.001, 0.001, None]])
async def test_the_first_probe_without_an_answer_is_the_last(
    clock: FakeClock, breaker: Breaker, times: Sequence[float | None]
) -> None:
    dependency = Dependency(clock, times)

    assert not await HealthProber(breaker, dependency.probe, SLOW_S, clock).check()

    assert dependency.probes == len(times)
    assert (breaker.snapshot().retry_after_s or 0.0) > 4.9


@pytest.mark.parametrize("change", [Breaker.reset, Breaker.force_open, Breaker.metrics_only])
async def test_nothing_is_probed_where_the_breaker_is_not_open_by_itself(
    clock: FakeClock, breaker: Breaker, change: Callable[[Breaker], None]
) -> None:
    change(breaker)
    dependency = Dependency(clock, [])
    state = breaker.state

    assert not await HealthProber(breaker, dependency.probe, SLOW_S, clock).check()

    assert (dependency.probes, breaker.state) == (0, state)


async def test_a_replay_is_the_last_request_once_more() -> None:
    scorer = FakeScorer(ranking=lambda request: RankedItems((), (), 0))
    replay = ReplayProbe(scorer)
    await replay(1.0)
    assert scorer.rank_requests == []  # its health was asked for

    replay.request = REQUEST
    await replay(1.0)

    assert scorer.rank_requests == [REQUEST]


async def test_a_replay_that_the_sidecar_declines_is_no_answer(clock: FakeClock, breaker: Breaker) -> None:
    def decline(request: RankRequest) -> RankedItems:
        raise SidecarRefused("no such model")

    replay = ReplayProbe(FakeScorer(ranking=decline))
    replay.request = REQUEST

    assert not await HealthProber(breaker, replay, SLOW_S, clock).check()
