"""The supervisor: starts processes again that end by themselves, after pauses that grow while they do not last."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_LASTING_S = 60.0
"""A process that ran for so long is started again after the shortest pause."""
_ADVICE = (
    "the {name} does not come back by itself: {meanwhile}. Mend what the lines above name; it is tried again until it"
    " stays, and nothing else has to be started again"
)
Tell = Callable[[str], None]


class Supervisor:
    """Watches over processes, each in a thread of its own, until it is told to end.

    Args:
        tell: Gets a line whenever a process ends, does not start, or is back.
        pause: Waits for some seconds, or until the supervisor is to end; returns whether it is. For tests.
        clock: Seconds.
    """

    def __init__(
        self,
        tell: Tell,
        pause: Callable[[float], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._ended = threading.Event()
        self._pause = pause or self._ended.wait
        self._clock = clock
        self._threads: list[threading.Thread] = []

    @property
    def ended(self) -> bool:
        """Whether it is to end: what is started now is not wanted any more."""
        return self._ended.is_set()

    def watch(self, name: str, meanwhile: str, wait: Callable[[], int], restart: Callable[[], None]) -> None:
        """Watches over a process from now on.

        Args:
            name: What it is called in a line.
            meanwhile: A sentence without its full stop: what there is while it does not run.
            wait: Returns its exit code once it has ended; minus the number of a signal that ended it.
            restart: Starts it again, and returns once it serves; raises an error that says why it does not.
        """
        arguments = (name, meanwhile, wait, restart)
        thread = threading.Thread(target=self.keep, args=arguments, daemon=True, name=f"{name}-watch")
        self._threads.append(thread)
        thread.start()

    def keep(self, name: str, meanwhile: str, wait: Callable[[], int], restart: Callable[[], None]) -> None:
        """Is the thread of one process; see `watch`.

        It tries for ever, since the reason may be mended. Once the pause is at its longest, a line says what to do.
        """
        pause_s, advised = _FIRST_PAUSE_S, False
        while True:
            started_s = self._clock()
            code = wait()
            if self._clock() - started_s >= _LASTING_S:
                pause_s, advised = _FIRST_PAUSE_S, False
            reason: str | None = f"the {name} {_how(code)}; it is started again"
            while reason is not None:
                if self.ended:
                    return
                self._tell(f"{reason} in {pause_s:g} s")
                if pause_s == _LONGEST_PAUSE_S and not advised:
                    advised = True
                    self._tell(_ADVICE.format(name=name, meanwhile=meanwhile))
                if self._pause(pause_s):
                    return
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                reason = _failure_of(name, restart)
            self._tell(f"the {name} is back")

    def end(self) -> None:
        """Starts nothing again from now on; the processes are the caller's to stop, and then `join` is to be called."""
        self._ended.set()

    def join(self) -> None:
        """Waits until no thread starts anything any more."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()


def _failure_of(name: str, restart: Callable[[], None]) -> str | None:
    """Returns why a process was not started again; None where it was."""
    try:
        restart()
    except Exception as error:  # noqa: BLE001 - without its thread the process would stay away for ever
        return f"the {name} does not start: {str(error) or type(error).__name__}; it is tried again"
    return None


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit status {code}"
    name = str(-code)
    with suppress(ValueError):
        name = signal.Signals(-code).name
    return f"was ended by {name}"
