import pytest

from pillion.lab.delay_proxy import RETRANSMISSION_S, Network


def test_each_direction_takes_half_of_the_round_trip() -> None:
    assert Network(0.005).delay_s(lambda: 0.9) == 0.0025


@pytest.mark.parametrize(("drawn", "delay"), [(0.0, 0.00025), (0.5, 0.0005), (1.0, 0.00075)])
def test_jitter_varies_it_either_way(drawn: float, delay: float) -> None:
    assert Network(0.001, 0.0005).delay_s(lambda: drawn) == pytest.approx(delay)


def test_jitter_is_never_negative() -> None:
    assert Network(0.0, 1.0).delay_s(lambda: 0.0) == 0.0


def test_what_is_lost_is_sent_again() -> None:
    assert Network(0.001, 0.0, 0.01).delay_s(lambda: 0.005) == 0.0005 + RETRANSMISSION_S
    assert Network(0.001, 0.0, 0.01).delay_s(lambda: 0.5) == 0.0005
