"""Distances between doubles, against an oracle in whole numbers and against `math.nextafter`."""

import math
import struct
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.parity.ulps import NOT_A_DISTANCE, relative_difference, ulps

doubles = st.floats(width=64, allow_nan=True, allow_infinity=True)
numbers = st.floats(width=64, allow_nan=False, allow_infinity=True)
finite = st.floats(width=64, allow_nan=False, allow_infinity=False)
LARGEST = 1.7976931348623157e308


def one(a: float, b: float) -> int:
    return int(ulps(np.array([a]), np.array([b]))[0])


def place(x: float) -> int:
    """The place of a double among all, counted in Python's whole numbers from its sign and magnitude."""
    magnitude = struct.unpack("<Q", struct.pack("<d", x))[0] & (2**63 - 1)
    return -magnitude - 1 if math.copysign(1.0, x) < 0 else magnitude


@given(numbers, numbers)
def test_the_distance_is_that_of_the_oracle_and_symmetric(a: float, b: float) -> None:
    assert one(a, b) == abs(place(a) - place(b)) == one(b, a)


@given(st.one_of(numbers, st.integers(-8, 2).map(lambda n: n * 5e-324)), st.integers(0, 20))
def test_each_step_of_nextafter_counts_one(start: float, steps: int) -> None:
    end, walked = start, 0
    for _ in range(steps):
        further = math.nextafter(end, math.inf)
        # nextafter steps over 0.0 from −0.0, since it takes them for one
        walked += 2 if struct.pack("<d", end) == struct.pack("<d", -0.0) else int(further != end)
        end = further
    assert one(start, end) == walked


@given(doubles)
def test_only_a_double_of_the_same_bits_is_at_no_distance(a: float) -> None:
    assert one(a, a) == 0
    if not math.isnan(a):
        assert one(a, -a) > 0


def test_nan_is_nans_equal_whatever_its_bits_and_no_number_is_near_it() -> None:
    payload = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
    assert one(math.nan, payload) == 0
    assert one(math.nan, 1.0) == one(math.inf, math.nan) == NOT_A_DISTANCE


@pytest.mark.parametrize(
    ("a", "b", "steps"),
    [
        (0.0, -0.0, 1),
        (0.0, 5e-324, 1),
        (-0.0, -5e-324, 1),
        (-5e-324, 5e-324, 3),
        (1.0, math.nextafter(1.0, 2.0), 1),
        (LARGEST, math.inf, 1),
        (-LARGEST, -math.inf, 1),
        (-math.inf, math.inf, 2 * 0x7FF0000000000000 + 1),
    ],
)
def test_zeros_and_infinities_are_neighbours_of_what_is_next_to_them(a: Any, b: Any, steps: int) -> None:
    assert one(a, b) == steps


@given(finite, finite)
def test_the_relative_difference_is_that_of_fractions(a: float, b: float) -> None:
    found = float(relative_difference(np.array([a]), np.array([b]))[0])
    scale = max(abs(Fraction(a)), abs(Fraction(b)))
    true = Fraction(0) if scale == 0 else abs(Fraction(a) - Fraction(b)) / scale
    assert abs(Fraction(found) - true) <= max(true, Fraction(1)) * Fraction(2) ** -51


def test_the_relative_difference_of_what_is_not_finite() -> None:
    a = np.array([math.inf, math.inf, math.nan, math.nan, 0.0, -LARGEST])
    b = np.array([math.inf, 1.0, math.nan, 1.0, -0.0, LARGEST])
    assert relative_difference(a, b).tolist() == [0.0, math.inf, 0.0, math.inf, 0.0, 2.0]
