"""The command line: the composition root, the only place that wires everything together.

One module a command or a family of them; heavy imports (Spark, JPype, FastAPI) stand inside the commands that need
them, so that `pillion --help` answers at once.
"""

from pillion.cli.app import main

__all__ = ["main"]
