"""The watch: the observer of a worker, with the features it counts, the requests it logs, and what replays found."""

import random as _random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pillion.config import WatchSettings
from pillion.project import Project
from pillion.recommend import Recommender, ScoredRequest
from pillion.watch.feature_watch import FeatureCounts, FeatureWatch
from pillion.watch.live_parity import FILE, LiveParity, read_live_parity
from pillion.watch.request_log import LogCounts, RequestLog


@dataclass(frozen=True, slots=True)
class WatchStatus:
    """What is watched.

    Attributes:
        features: What was counted, by model and feature.
        log: What became of the requests that are logged; None where none are.
        parity: What replays of the log found; None where there was none.
    """

    features: tuple[FeatureCounts, ...]
    log: LogCounts | None
    parity: LiveParity | None


class Watch:
    """Watches the requests that models answer.

    Args:
        settings: What is watched.
        project: Has the ranges of inputs.
        now: Seconds since 1970 UTC.
        random: A source of numbers in [0, 1), which picks the requests whose features are counted.

    Raises:
        ConfigurationError: The folder of the log can't be had.
    """

    def __init__(
        self,
        settings: WatchSettings,
        project: Project,
        *,
        now: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._share = settings.feature_share
        self._random = random
        self._features = FeatureWatch(project, settings.feature_window)
        self._folder = settings.log_folder
        self._log = None if self._folder is None else RequestLog(self._folder, settings, now)
        self._parity: tuple[int, LiveParity | None] = 0, None

    def scored(self, scored: ScoredRequest) -> None:
        """See `Observer.scored`."""
        if self._random() < self._share:
            self._features.note(scored)
        if self._log is not None:
            self._log.note(scored)

    async def close(self) -> None:
        """See `Observer.close`."""
        if self._log is not None:
            await self._log.close()

    def status(self) -> WatchStatus:
        """Returns what is watched; looks for the result of a replay."""
        return WatchStatus(
            self._features.counts,
            None if self._log is None else self._log.counts,
            None if self._folder is None else self._read_parity(self._folder),
        )

    def _read_parity(self, folder: Path) -> LiveParity | None:
        try:
            changed = (folder / FILE).stat().st_mtime_ns
        except OSError:
            return None
        if changed != self._parity[0]:
            self._parity = changed, read_live_parity(folder)
        return self._parity[1]


def watch_of(recommender: Recommender) -> Watch | None:
    """Returns the watch among the observers of a data plane; None where there is none."""
    return next((each for each in recommender.observers if isinstance(each, Watch)), None)
