"""Certificates for a sidecar that is asked over mutual TLS: one authority, the sidecar's and the caller's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the files are.

    Attributes:
        folder: Has `ca.pem`, and `server` and `caller` with the endings `.pem` and `.key`.
    """

    folder: Path

    def write(self) -> None:
        """Writes all files; the keys are of the curve P-256."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.folder / "ca.pem")
        for name in ("server", "caller"):
            made = authority.issue_cert("127.0.0.1")
            made.private_key_pem.write_to_path(self.folder / f"{name}.key")
            made.cert_chain_pems[0].write_to_path(self.folder / f"{name}.pem")

    @property
    def options(self) -> tuple[str, ...]:
        """The options that make a sidecar ask for the caller's certificate."""
        files = {"--tls-cert": "server.pem", "--tls-key": "server.key", "--tls-client-ca": "ca.pem"}
        return tuple(word for name, file in files.items() for word in (name, str(self.folder / file)))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a caller that shows its certificate."""
        return {
            "ca_file": self.folder / "ca.pem",
            "client_certificate_file": self.folder / "caller.pem",
            "client_key_file": self.folder / "caller.key",
        }
