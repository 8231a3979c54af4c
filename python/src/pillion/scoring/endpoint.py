"""The address of a sidecar: of TCP, or of a Unix socket."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pillion.config import UNIX
from pillion.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens.

    Attributes:
        host: Name or address, in brackets for IPv6; for a Unix socket only what the header `Host` says.
        port: Of TCP.
        path: Of the Unix socket; None for TCP.
        tls: Whether the connection is encrypted.
    """

    host: str
    port: int
    path: str | None = None
    tls: bool = False

    @classmethod
    def parse(cls, address: str) -> "Endpoint":
        """Reads `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH`.

        Raises:
            ConfigurationError: It is none of these.
        """
        if address.startswith(UNIX):
            path = address.removeprefix(UNIX)
            path = path.removeprefix("//") if path.startswith("///") else path
            if not path.startswith("/"):
                raise ConfigurationError(f"the sidecar's address '{address}' needs an absolute path: unix:/PATH")
            return cls("sidecar", 80, path)
        try:
            parts = urlsplit(address)
            port = parts.port
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
        except ValueError:
            valid = False
        if not valid or parts.hostname is None:
            raise ConfigurationError(
                f"the sidecar's address '{address}' is none of unix:/PATH, http://HOST:PORT and https://HOST:PORT"
            )
        tls = parts.scheme == "https"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(host, port or (443 if tls else 80), tls=tls)

    @property
    def url(self) -> str:
        """The URL that an HTTP client is given."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """The target that a gRPC client is given."""
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"
