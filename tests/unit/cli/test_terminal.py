"""Progress: a bar, a count, a rate and the time left on a terminal, and plain lines where there is none."""

from io import StringIO

from rich.console import Console

from pillion.cli.terminal import ProgressBars

WIDTH = 80


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def shown(bars: ProgressBars) -> list[str]:
    console = Console(width=WIDTH, record=True, file=StringIO(), force_terminal=True)
    console.print(bars.shown)
    return console.export_text().splitlines()


def test_what_is_counted_has_a_bar_a_rate_and_the_time_left_within_80_columns() -> None:
    clock = Clock()
    bars = ProgressBars(Console(file=StringIO(), force_terminal=True, width=WIDTH), clock)
    bars.tell("scoring 10,000 rows and edge rows in Spark")
    for done in (0, 30_000, 60_000):
        bars.count("buckets of users written", done, 300_000)
        clock.now_s += 1

    told, counted = (line.rstrip() for line in shown(bars))

    assert told.endswith("scoring 10,000 rows and edge rows in Spark")
    assert "━" in counted
    assert counted.split()[-3:] == ["60,000/300,000", "30,000/s", "00:08"]
    assert len(counted) <= WIDTH


def test_of_what_has_no_known_end_count_and_rate_are_shown() -> None:
    clock = Clock()
    bars = ProgressBars(Console(file=StringIO(), force_terminal=True, width=WIDTH), clock)
    for done in (0, 500, 1000):
        bars.count("rows read", done, None)
        clock.now_s += 1

    (counted,) = filter(None, shown(bars))

    assert counted.split()[-2:] == ["1,000", "500/s"]


def test_without_a_terminal_there_is_a_line_as_something_begins_and_as_something_counted_ends() -> None:
    file = StringIO()
    with ProgressBars(Console(file=file)) as bars:
        bars.tell("starting [Spark]")
        bars.count("items written", 1, 2)
        bars.count("items written", 2, 2)

    assert file.getvalue().splitlines() == ["starting [Spark]", "items written: 2"]


def test_without_a_terminal_what_counts_up_is_said_once() -> None:
    file = StringIO()
    with ProgressBars(Console(file=file)) as bars:
        for line in (
            "waiting for the sidecar, 1 s",
            "waiting for the sidecar, 12 s",
            "starting",
            "waiting for it, 1 s",
        ):
            bars.tell(line)

    assert file.getvalue().splitlines() == ["waiting for the sidecar, 1 s", "starting", "waiting for it, 1 s"]
