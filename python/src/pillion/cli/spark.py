"""The Spark session that a command works with: its options, and what is being done, on screen."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pillion.cli.terminal import ProgressBars, err
from pillion.config import SparkSettings
from pillion.errors import ConfigurationError, PillionWarning

Master = Annotated[
    str | None,
    typer.Option(help="Spark's master, as spark://HOST:7077; this machine where left out.", show_default=False),
]
Memory = Annotated[str | None, typer.Option(help="Memory of Spark's driver, as 3g.", show_default=False)]
Cores = Annotated[str | None, typer.Option(help="Threads of Spark on this machine, or * for all.", show_default=False)]


@contextmanager
def spark(
    master: str | None = None,
    memory: str | None = None,
    cores: str | None = None,
    reads: Sequence[Path | None] = (),
    *,
    scores: bool = True,
) -> Iterator[tuple[Any, ProgressBars]]:
    """A Spark session, stopped at the end unless it was there before, with what is being done on screen.

    Args:
        master: Spark's; `PILLION_SPARK_MASTER` where left out, and so for the others.
        memory: Of the driver.
        cores: Threads.
        reads: What has to be there, which is looked at before Spark starts.
        scores: Whether engines will score, and so the sidecar's jar has to be there.

    Raises:
        ConfigurationError: Some of it is not there, or there is no Java or no jar of the sidecar.
    """
    from pillion.config import SidecarSettings
    from pillion.export.session import spark_session
    from pillion.scoring.java import find_java
    from pillion.scoring.jvm import require_jar

    absent = [str(path) for path in reads if path is not None and not path.exists()]
    if absent:
        raise ConfigurationError(f"{' and '.join(absent)} cannot be read: no such file or folder")
    find_java()
    if scores:
        require_jar(SidecarSettings().jar)
    given = {"master": master, "memory": memory, "cores": cores}
    settings = SparkSettings(**{name: value for name, value in given.items() if value is not None})
    with ProgressBars() as bars, warnings.catch_warnings():
        warnings.showwarning = _show
        bars.tell("starting Spark")
        with spark_session(settings) as session:
            yield session, bars


def _show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Shows what Pillion tells of a model; what libraries warn their programmers of is left out."""
    if issubclass(category, PillionWarning):
        err.print(f"note: {message}", markup=False)
