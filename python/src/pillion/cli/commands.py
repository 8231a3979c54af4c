"""The list of commands."""

from pillion.cli import sidecar


def register() -> None:
    """Makes the commands known to the application; importing their modules does it."""
    assert sidecar
