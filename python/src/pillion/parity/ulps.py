"""The distance between doubles: how many representable steps lie between two of them."""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Steps = npt.NDArray[np.uint64]

NOT_A_DISTANCE = 2**64 - 1
"""What stands for the distance between a NaN and a number."""
_SIGN = np.uint64(1 << 63)


def ulps(a: Doubles, b: Doubles) -> Steps:
    """Returns the distance of each pair in representable doubles: 0 where the bits are the same, or both are NaN.

    −0.0 and 0.0 are neighbours, one step apart; ±Infinity are the neighbours of the largest finite doubles.

    Args:
        a: float64, shape (n,).
        b: float64, shape (n,).

    Returns:
        uint64, shape (n,); `NOT_A_DISTANCE` where one of the two is NaN.
    """
    x, y = _ordinals(a), _ordinals(b)
    steps = np.where(x > y, x - y, y - x)
    nan_a, nan_b = np.isnan(a), np.isnan(b)
    steps[nan_a | nan_b] = np.uint64(NOT_A_DISTANCE)
    steps[nan_a & nan_b] = np.uint64(0)
    return steps


def relative_difference(a: Doubles, b: Doubles) -> Doubles:
    """Returns |a − b| / max(|a|, |b|) of each pair, at most 2.

    It is 0 where the two are equal or both NaN, and infinite where just one is not finite.

    Args:
        a: float64, shape (n,).
        b: float64, shape (n,).
    """
    with np.errstate(all="ignore"):
        scale = np.maximum(np.abs(a), np.abs(b))
        gap = np.abs(a - b)
        # where the difference overflows, its parts don't
        relative = np.where(np.isinf(gap), np.abs(a / scale - b / scale), gap / scale)
    relative[~(np.isfinite(a) & np.isfinite(b))] = np.inf
    relative[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    return relative


def _ordinals(values: Doubles) -> Steps:
    """The number of each double in the order of all: −Infinity first, −0.0 just below 0.0."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)
    return np.where(bits >= _SIGN, ~bits, bits | _SIGN)
