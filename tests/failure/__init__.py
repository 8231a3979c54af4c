"""Faults between the shim, the store and the sidecar: a proxy that makes them, and what becomes of requests."""

import sys
from pathlib import Path

# The small test world and its models are shared with the unit tests.
_UNIT_TESTS = str(Path(__file__).parents[2] / "python" / "tests")
if _UNIT_TESTS not in sys.path:
    sys.path.append(_UNIT_TESTS)
