"""The commands; importing this module registers them all with the application."""

from pillion.cli import serve, sidecar, status

__all__ = ["serve", "sidecar", "status"]
