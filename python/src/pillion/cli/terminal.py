"""What all commands share of the terminal: exit codes, and where progress is shown."""

from rich.console import Console

OK, NO, USAGE_ERROR = 0, 1, 2
"""Exit codes: it ran; it ran and the answer is no; a usage error."""

err = Console(stderr=True, highlight=False)
"""Standard error, for progress and warnings."""
