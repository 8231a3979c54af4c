"""The lookout: a dependency that came back cold is warmed up and tried at once, and a dead one is left alone."""

import pytest

from pillion.errors import SidecarRefused, SidecarUnreachable
from pillion.recommend.lookout import Lookout, Rehearsal
from pillion.resilience import Breaker, BreakerState, FakeClock
from pillion.scoring import FakeScorer, ScoreRequest, Scores

SLOW_S = 0.025
REQUEST = ScoreRequest("ranker", {}, {}, 1, (), "r")


class Dependency:
    """Answers each knock after its time; None is no answer."""

    def __init__(self, clock, times):
        self.clock, self.times, self.knocks = clock, list(times), 0

    async def knock(self, timeout_s):
        self.knocks += 1
        seconds = self.times.pop(0) if self.times else 0.001
        if seconds is None:
            raise SidecarUnreachable("nobody listens")
        self.clock.advance(seconds)


@pytest.fixture
def clock():
    return FakeClock(100.0)


@pytest.fixture
def breaker(clock):
    """Open, with its interval doubled to the longest."""
    breaker = Breaker("sidecar", clock=clock, random=lambda: 0.0)
    for _ in range(5):
        breaker.acquire().fail()
    for _ in range(6):
        clock.advance(5.0)
        breaker.acquire().fail()
    assert breaker.snapshot().retry_after_s == 5.0
    return breaker


async def test_a_dependency_that_answers_fast_is_tried_at_once_and_closed_by_its_probes(clock, breaker):
    assert await Lookout(breaker, Dependency(clock, []).knock, SLOW_S, clock).look()

    assert breaker.state is BreakerState.OPEN
    probes = [breaker.acquire() for _ in range(3)]
    for probe in probes:
        probe.succeed()
    assert breaker.state is BreakerState.CLOSED


async def test_a_cold_one_is_warmed_up_first(clock, breaker):
    dependency = Dependency(clock, [0.4, 0.1, 0.02, 0.03])

    assert await Lookout(breaker, dependency.knock, SLOW_S, clock).look()

    assert dependency.knocks == 7  # three in a row were fast
    assert breaker.snapshot().retry_after_s == 0.0


async def test_one_that_stays_slow_is_left_to_the_breakers_own_rules(clock, breaker):
    dependency = Dependency(clock, [0.04] * 20)

    assert not await Lookout(breaker, dependency.knock, SLOW_S, clock).look()

    assert dependency.knocks == 10
    assert breaker.snapshot().retry_after_s == pytest.approx(4.6)


@pytest.mark.parametrize("times", [[None], [0.001, 0.001, None]])
async def test_the_first_knock_without_an_answer_is_the_last(clock, breaker, times):
    dependency = Dependency(clock, times)

    assert not await Lookout(breaker, dependency.knock, SLOW_S, clock).look()

    assert dependency.knocks == len(times)
    assert breaker.snapshot().retry_after_s > 4.9


@pytest.mark.parametrize("change", [Breaker.reset, Breaker.force_open, Breaker.metrics_only])
async def test_nobody_knocks_where_the_breaker_is_not_open_by_itself(clock, breaker, change):
    change(breaker)
    dependency = Dependency(clock, [])
    state = breaker.state

    assert not await Lookout(breaker, dependency.knock, SLOW_S, clock).look()

    assert (dependency.knocks, breaker.state) == (0, state)


async def test_a_rehearsal_is_the_last_request_once_more(clock):
    scorer = FakeScorer(lambda request: Scores({}))
    rehearsal = Rehearsal(scorer)
    await rehearsal(1.0)
    assert scorer.requests == []  # its health was asked for

    rehearsal.request = REQUEST
    await rehearsal(1.0)

    assert scorer.requests == [REQUEST]


async def test_a_rehearsal_that_the_sidecar_declines_is_no_answer(clock, breaker):
    def decline(request):
        raise SidecarRefused("no such model")

    rehearsal = Rehearsal(FakeScorer(decline))
    rehearsal.request = REQUEST

    assert not await Lookout(breaker, rehearsal, SLOW_S, clock).look()
