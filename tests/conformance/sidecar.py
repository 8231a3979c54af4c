"""A sidecar under test: how it is started, and where it listens."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pillion.config import SidecarSettings, StoreSettings
from pillion.scoring.sidecar_process import SidecarProcess

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Addresses:
    """Where the sidecar listens: `HOST:PORT` twice, the Unix socket if any; the operators' token and address."""

    http: str
    grpc: str
    uds: str = ""
    token: str = ""
    admin: str = ""


@contextmanager
def running(
    settings: SidecarSettings,
    uds: Path | None = None,
    token: Path | None = None,
    options: Sequence[str] = (),
    store: StoreSettings | None = None,
) -> Iterator[Addresses]:
    """Starts a sidecar that does not poll its models, and stops it at the end.

    `token` asks for operators' routes, `store` is the one whose items it holds in memory.
    """
    if token:
        options = (*options, "--admin", "127.0.0.1:0", "--admin-token-file", str(token))
    process = SidecarProcess(settings, uds=uds, options=("--poll", "0", *options), store=store)
    process.start()
    try:
        wanted = 2 + (uds is not None) + (token is not None)
        deadline = time.monotonic() + _PATIENCE_S
        while len(process.addresses) < wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        named = dict(line.split(" ", 1) for line in process.addresses)
        yield Addresses(
            named["sidecar-http"].partition("://")[2],
            named["sidecar-grpc"],
            named["sidecar-uds"].removeprefix("unix:") if uds else "",
            token.read_text().strip() if token else "",
            named["sidecar-admin"].partition("://")[2] if token else "",
        )
    finally:
        process.stop()
