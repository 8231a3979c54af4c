"""The commands; importing this module registers them all with the application."""

from pillion.cli import serve, sidecar, status
from pillion.cli.app import app

__all__ = ["app", "serve", "sidecar", "status"]
