"""The commands; importing this module registers them all with the application."""

from pillion.cli import operate, serve, sidecar, status
from pillion.cli.app import app

__all__ = ["app", "operate", "serve", "sidecar", "status"]
