"""TLS for tests: certificates, and a server of HTTP that speaks it in every way it can end."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path

    def become(self, other: "Pair") -> None:
        """Replaces both files by another pair's, each by a rename."""
        for mine, theirs in ((self.certificate, other.certificate), (self.key, other.key)):
            replace(mine, theirs.read_bytes())

    @property
    def client(self) -> dict[str, Path]:
        """The settings that show this pair to the sidecar."""
        return {"client_certificate_file": self.certificate, "client_key_file": self.key}


def replace(file: Path, content: bytes) -> None:
    """Replaces a file by a rename."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.rename(file)


class Authority:
    """An authority with its certificate in a file.

    Args:
        folder: Where its files go.
        name: What they begin with.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self._name = name
        self.file = folder / f"{name}-ca.pem"
        self.file.write_bytes(self._ca.cert_pem.bytes())

    def sign(self, name: str, host: str = HOST, expired: bool = False) -> Pair:
        """Writes a certificate for a host, and its key."""
        since, until = (datetime.datetime(2020, 1, day, tzinfo=datetime.UTC) for day in (1, 2))
        made = self._ca.issue_cert(host, not_before=since, not_after=until) if expired else self._ca.issue_cert(host)
        pair = Pair(self._folder / f"{self._name}-{name}.pem", self._folder / f"{self._name}-{name}.key")
        pair.key.write_bytes(made.private_key_pem.bytes())
        pair.certificate.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
        return pair


@dataclass
class TlsServer:
    """What a server was asked, and by whom.

    Attributes:
        port: Where it listens.
        authorizations: The header of each request.
        serials: Of the certificate that each connection showed.
        handshakes: Connections for which one began.
    """

    port: int = 0
    authorizations: list[str | None] = field(default_factory=list)
    serials: list[str | None] = field(default_factory=list)
    handshakes: int = 0


@contextmanager
def tls_server(
    pair: Pair, trusted: Path | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, port: int = 0
) -> Iterator[TlsServer]:
    """Serves `{}` to every GET; wants a certificate of `trusted`, where one is named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    context.maximum_version = newest
    if trusted is not None:
        context.load_verify_locations(trusted)
        context.verify_mode = ssl.CERT_REQUIRED
    told = TlsServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.authorizations.append(self.headers.get("authorization"))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            told.handshakes += 1
            connection = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            try:
                connection.do_handshake()
            except OSError:
                # What the client sends yet is read, so that the alert reaches it before the connection ends.
                with suppress(OSError):
                    connection.settimeout(10)
                    socket.socket.shutdown(connection, socket.SHUT_WR)
                    while socket.socket.recv(connection, 65536):
                        pass
                return
            shown: Any = connection.getpeercert() or {}
            told.serials.append(shown.get("serialNumber"))
            with suppress(OSError):
                Handler(connection, client_address, self)

    server = Server((HOST, port), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serial(pair: Pair) -> str:
    """The serial number of a certificate, as `ssl` writes it."""
    from cryptography import x509

    number = f"{x509.load_pem_x509_certificate(pair.certificate.read_bytes()).serial_number:X}"
    return number.rjust(len(number) + len(number) % 2, "0")
