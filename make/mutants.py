"""Prints the mutants that survived, and exits 1 where fewer than 90 % were noticed. Run it where mutmut ran."""

import json
import sys
from collections import Counter
from pathlib import Path

_KILLED, _SURVIVED, _TIMEOUT, _SUSPICIOUS = "killed", "survived", "timeout", "suspicious"
_CODES = {
    1: _KILLED,
    3: _KILLED,
    0: _SURVIVED,
    33: "no tests",
    36: _TIMEOUT,
    24: _TIMEOUT,
    -24: _TIMEOUT,
    152: _TIMEOUT,
}
_GOAL = 0.90


def main() -> int:
    """Counts the results by file; returns the exit status."""
    noticed = total = 0
    for path in sorted(Path("mutants/src/pillion/resilience").glob("*.py.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"]
        outcomes = Counter(_CODES.get(code, _SUSPICIOUS) for code in codes.values() if code is not None)
        killed = outcomes[_KILLED] + outcomes[_TIMEOUT] + outcomes[_SUSPICIOUS]
        count = sum(outcomes.values())
        if not count:
            continue
        noticed, total = noticed + killed, total + count
        print(f"{path.name.removesuffix('.meta'):<24} {killed:>4} of {count:>4} noticed, {100 * killed / count:.1f} %")
        for name, code in codes.items():
            if code in (0, 33):
                print(f"    survived: {name}")
    share = noticed / total if total else 0.0
    print(f"mutation score {100 * share:.1f} % of {total}")
    return 0 if share >= _GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
