"""`pillion prepare`: the JVM's archive, so that the sidecar starts faster."""

from pathlib import Path
from typing import Annotated

import typer

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring.java import find_java
from pillion.scoring.startup_archive import StartupArchive

_EXAMPLE = "[bold]Example:[/bold] pillion prepare --models pmml-models"


def prepare(
    models: Annotated[Path | None, typer.Option(help="A model repository to rehearse the start with.")] = None,
    java: Annotated[Path | None, typer.Option(help="The java that will run the sidecar; JAVA_HOME or PATH.")] = None,
) -> None:
    """Makes the archive that later starts of the sidecar with this Java use; it says where it is."""
    settings = SidecarSettings()
    models = models or settings.models
    if not models.is_dir():
        raise ConfigurationError(f"there is no model repository at {models}")
    archive = StartupArchive(find_java(java or settings.java), settings.jar)
    print(archive.make(models, settings.jvm_options))


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(prepare)
