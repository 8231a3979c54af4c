"""The sidecar's clients: which one the settings ask for."""

from pillion.config import SidecarSettings
from pillion.scoring.http import HttpScorer
from pillion.scoring.scorer import Scorer


def open_scorer(settings: SidecarSettings) -> Scorer:
    """Returns a client of the sidecar; nothing is connected yet.

    Raises:
        ConfigurationError: The address cannot be read, or a package is not installed.
    """
    if settings.encoding == "grpc":
        # Only here, so that a shim that speaks HTTP does not need the packages.
        from pillion.scoring.grpc import GrpcScorer

        return GrpcScorer(settings)
    return HttpScorer(settings)
