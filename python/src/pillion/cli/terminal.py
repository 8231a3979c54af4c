"""What all commands share of the terminal: exit codes, where progress is shown, and how."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

OK, NO, USAGE_ERROR = 0, 1, 2
"""Exit codes: it ran; it ran and the answer is no; a usage error."""

err = Console(stderr=True, highlight=False)
"""Standard error, for progress and warnings."""
_BAR_WIDTH = 16


class ProgressBars:
    """What is being done: a line for each thing, with a bar, a rate and the time left for what can be counted.

    Where standard error is no terminal, a line is printed as something begins, and one as something counted ends.

    Args:
        console: Where it is shown.
    """

    def __init__(self, console: Console = err) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(_BAR_WIDTH),
            _Count(),
            _Rate(),
            _TimeLeft(compact=True),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._told: TaskID | None = None
        self._counted: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the bars off the screen; nothing more is shown."""
        self._progress.stop()

    def tell(self, text: str) -> None:
        """Says what is being done now."""
        if not self._console.is_terminal:
            self._console.print(text, markup=False, soft_wrap=True)
        elif self._told is None:
            self._told = self._progress.add_task(text, total=None)
        else:
            self._progress.update(self._told, description=text)

    def count(self, what: str, done: int, total: int | None) -> None:
        """Says how much of something is done; of what is the last of `total`, that it is done."""
        if what not in self._counted:
            self._counted[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._counted[what], completed=done, total=total)
        if done == total and not self._console.is_terminal:
            self._console.print(f"{what}: {done:,}", markup=False)


def _is_counted(task: Task) -> bool:
    return task.total is not None or task.completed > 0


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        if not _is_counted(task):
            return Text()
        of = "" if task.total is None else f"/{task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of}", style="progress.download")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None or not _is_counted(task) else f"{speed:,.0f}/s", style="progress.data.speed")


class _TimeLeft(TimeRemainingColumn):
    def render(self, task: Task) -> Text:
        return super().render(task) if _is_counted(task) else Text()
