"""The data plane: fetch the user, have the sidecar rank items, and the degradation ladder under it.

It knows no framework.

What an answer's `reason` can say:

| reason | meaning |
|---|---|
| none | an online answer about a known user |
| `unknown_user` | the store does not know the user; the model was asked all the same where it allows that |
| `no_candidates` | nothing is left to rank without the seen and the unknown items; the answer is empty |
| `no_snapshot` | no feature version was ever read, so that there is nothing to answer with; the answer is
empty |
| `no_scores` | the model gave no candidate a score |
| `overloaded` | as many requests as store and sidecar can bear are under way |
| `deadline_exceeded` | the time was up before the model had answered |
| `store_unreachable`, `store_timeout`, `store_breaker_open`, `store_busy`, `store` | the store gave nothing |
| `corrupt_record` | what the store gave is not what was written there |
| `sidecar_unreachable`, `sidecar_timeout`, `sidecar_breaker_open`, `sidecar_busy`, `sidecar` | likewise |
| `sidecar_untrusted` | likewise; the TLS handshake with the sidecar fails |
| `sidecar_refused` | the sidecar works, but declined this request |
| `sidecar_lacks_items` | likewise: it does not have the items of the feature version in memory |
| `unexpected_error` | something failed in a way that nobody foresaw; the log has it |

Items that the user has seen are left out on every rung that knows them, given candidates not excepted. An
answer to a request with candidates holds none but those, on every rung.
"""

from pillion.recommend.answer import NO_SNAPSHOT
from pillion.recommend.models import BoundModel, Models, ServedModel
from pillion.recommend.observer import Observer, ScoredRequest
from pillion.recommend.recommender import Recommender, Status

__all__ = [
    "NO_SNAPSHOT",
    "BoundModel",
    "Models",
    "Observer",
    "Recommender",
    "ScoredRequest",
    "ServedModel",
    "Status",
]
