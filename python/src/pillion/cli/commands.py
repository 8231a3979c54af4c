"""The commands; importing this module registers them all with the application."""

from pillion.cli import serve, sidecar

__all__ = ["serve", "sidecar"]
