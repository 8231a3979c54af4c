"""The commands; importing this module registers them all with the application."""

from pillion.cli import demo, models, operate, parity, prepare, score, serve, sidecar, status, train
from pillion.cli.app import app

__all__ = ["app", "demo", "models", "operate", "parity", "prepare", "score", "serve", "sidecar", "status", "train"]
