"""The commands; importing this module registers them all with the application."""

from pillion.cli import models, operate, prepare, score, serve, sidecar, status
from pillion.cli.app import app

__all__ = ["app", "models", "operate", "prepare", "score", "serve", "sidecar", "status"]
