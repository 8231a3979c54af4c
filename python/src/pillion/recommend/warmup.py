"""The warm-up: the whole way gone for nobody before callers come, so that the first of them waits for no cold code."""

import asyncio
import logging
import time
from collections.abc import Callable

from pillion.config import RecommendSettings
from pillion.features import Catalog
from pillion.recommend.models import Models
from pillion.recommend.online import OnlineScoring
from pillion.recommend.request import PreparedRequest, RequestForm, ms_since, prepare
from pillion.resilience import Deadline
from pillion.types import Request

_log = logging.getLogger("pillion.recommend.warmup")
CALL_S = 2.0
"""Time that a call to store or sidecar may take meanwhile."""
_LONGEST_S = 5.0
_FAST_ANSWERS = 3
_CONNECTIONS = 4
_ITEMS_S = 60.0
_LOOK_S = 0.1


class Warmup:
    """Asks each model for nobody.

    Args:
        online: The way, by guards of its own with patience, so that breakers see nothing of it.
        models: The models.
        form: How a request must be.
        settings: Limits of requests.
        catalog: Returns the feature version in use; None where there is none.
        now: Seconds since 1970 UTC.
    """

    def __init__(
        self,
        online: OnlineScoring,
        models: Models,
        form: RequestForm,
        settings: RecommendSettings,
        catalog: Callable[[], Catalog | None],
        now: Callable[[], float],
    ) -> None:
        self._online = online
        self._models = models
        self._form = form
        self._settings = settings
        self._catalog = catalog
        self._now = now

    async def run(self) -> None:
        """Asks until three consecutive answers of each model came in a request's time, then with some at once.

        The latter leave connections open for the first callers. A dependency that does not answer ends it.
        """
        end_s = time.perf_counter() + _LONGEST_S
        for model in sorted(self._models.versions, key=lambda name: name != self._models.default):
            fast = 0
            while fast < _FAST_ANSWERS and (started := time.perf_counter()) < end_s:
                if not await self._ask(model, started):
                    return
                fast = fast + 1 if ms_since(started) < self._settings.admission_target_ms else 0
        await asyncio.gather(*(self._ask(None, time.perf_counter()) for _ in range(_CONNECTIONS)))

    async def await_items(self, catalog: Catalog) -> None:
        """Waits until the sidecar, which loads them by itself, has the items of a feature version; not for ever."""
        end_s = time.perf_counter() + _ITEMS_S
        while (started := time.perf_counter()) < end_s:
            request = self._prepare(None, started, catalog)
            if request is None or request.model.single_row or not await self._online.lacks_items(request):
                return
            await asyncio.sleep(_LOOK_S)
        _log.warning("the sidecar does not have the items of feature version %d", catalog.version)

    async def _ask(self, model: str | None, started: float) -> bool:
        """Asks a model for nobody; returns whether there was an answer."""
        request = self._prepare(model, started, self._catalog())
        return request is not None and await self._online.try_out(request)

    def _prepare(self, model: str | None, started: float, catalog: Catalog | None) -> PreparedRequest | None:
        nobody = Request(0 if self._form.user_ids == "integer" else "0", model=model)
        deadline = Deadline.after(2 * CALL_S)
        return prepare(nobody, self._form, self._settings, self._models, catalog, deadline, started, self._now())
