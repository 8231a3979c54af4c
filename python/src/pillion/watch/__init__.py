"""What is watched of the requests that models answer: their features, a log of them, and what a replay has proved.

The log is for `pillion replay`, which computes requests again in Spark; what it finds comes back by a file beside the
log.
"""

from pillion.watch.feature_watch import FeatureCounts, FeatureWatch
from pillion.watch.live_parity import CAUSES, LiveParity, Replayed, note_replay, read_live_parity
from pillion.watch.logged_request import LoggedRequest, hash_user, log_files, read_log
from pillion.watch.request_log import LogCounts, RequestLog
from pillion.watch.watch import Watch, WatchStatus, watch_of

__all__ = [
    "CAUSES",
    "FeatureCounts",
    "FeatureWatch",
    "LiveParity",
    "LogCounts",
    "LoggedRequest",
    "Replayed",
    "RequestLog",
    "Watch",
    "WatchStatus",
    "hash_user",
    "log_files",
    "note_replay",
    "read_live_parity",
    "read_log",
    "watch_of",
]
