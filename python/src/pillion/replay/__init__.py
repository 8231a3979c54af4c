"""Replay: logged requests, computed again in Spark, and what each difference is put down to."""

from pillion.replay.run import ReplayResult, replay_log

__all__ = ["ReplayResult", "replay_log"]
