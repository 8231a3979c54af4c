"""What all commands share of the terminal: exit codes, where progress is shown, and how."""

import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

OK, NO, USAGE_ERROR = 0, 1, 2
"""Exit codes: it ran; it ran and the answer is no; a usage error."""

err = Console(stderr=True, highlight=False)
"""Standard error, for progress and warnings."""
_BAR_WIDTH = 16
_NUMBER = re.compile(r"\d+")


class ProgressBars:
    """What is being done: a line for each thing, with a bar, a rate and the time left for what can be counted.

    Where standard error is no terminal, a line is printed as something begins, and one as something counted ends. A
    line that differs from the one before by its numbers alone is left out.

    Args:
        console: Where it is shown.
        clock: Seconds, for rates.
    """

    def __init__(self, console: Console = err, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._line = Progress(SpinnerColumn(), TextColumn("{task.description}", markup=False), get_time=clock)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(_BAR_WIDTH),
            _Count(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            get_time=clock,
        )
        self.shown = Group(self._line, self._bars)
        """What is on the screen."""
        self._live = Live(self.shown, console=console, transient=True) if console.is_terminal else None
        self._told: TaskID | None = None
        self._said = ""
        self._counted: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the bars off the screen; nothing more is shown."""
        if self._live is not None:
            self._live.stop()

    def tell(self, text: str) -> None:
        """Says what is being done now."""
        if self._live is None:
            if (said := _NUMBER.sub("", text)) != self._said:
                self._console.print(text, markup=False, soft_wrap=True)
            self._said = said
        elif self._told is None:
            self._told = self._line.add_task(text, total=None)
        else:
            self._line.update(self._told, description=text)

    def count(self, what: str, done: int, total: int | None) -> None:
        """Says how much of something is done; of what is the last of `total`, that it is done."""
        if what not in self._counted:
            self._counted[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._counted[what], completed=done, total=total)
        if done == total and self._live is None:
            self._console.print(f"{what}: {done:,}", markup=False)


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        of = "" if task.total is None else f"/{task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of}", style="progress.download")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")
