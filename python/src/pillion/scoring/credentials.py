"""What a client of the sidecar trusts and shows: certificates and a token, in files that are read again on a change."""

import logging
import os
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pillion.config import SidecarSettings, read_token
from pillion.errors import ConfigurationError
from pillion.scoring.endpoint import Endpoint

_log = logging.getLogger("pillion.scoring.credentials")
_T = TypeVar("_T")
_CA = "PILLION_SIDECAR_CA_FILE"
_CERTIFICATE = "PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE"
_KEY = "PILLION_SIDECAR_CLIENT_KEY_FILE"
_TOKEN = "PILLION_SIDECAR_TOKEN_FILE"


@dataclass(frozen=True, slots=True)
class Tls:
    """One reading of the certificates.

    Attributes:
        context: All of them, for clients of Python's own TLS.
        authorities: Certificates to trust, in PEM form; None for those that the system trusts.
        certificate: The client's, in PEM form; None without mutual TLS.
        key: Its private key, in PEM form.
    """

    context: ssl.SSLContext
    authorities: bytes | None
    certificate: bytes | None
    key: bytes | None


class Credentials:
    """What a client trusts and shows at one address.

    Files are read at once, and again when they have changed; where that fails, what was read before stays, and the log
    says why.

    Args:
        settings: Names the files.
        endpoint: Whom the client asks: certificates belong to `https`, and a token to TCP.

    Raises:
        ConfigurationError: A file cannot be used, or does not fit the address or another file; names all of them.
    """

    def __init__(self, settings: SidecarSettings, endpoint: Endpoint) -> None:
        self._tls: _Reading[Tls] | None = None
        self._token: _Reading[str] | None = None
        certificates = (settings.ca_file, settings.client_certificate_file, settings.client_key_file)
        problems = []
        if endpoint.tls:
            try:
                self._tls = _Reading(certificates, lambda: _read_tls(*certificates))
            except ConfigurationError as error:
                problems.append(str(error))
        elif endpoint.path is None:
            names = zip((_CA, _CERTIFICATE, _KEY), certificates, strict=True)
            problems += [f"{name} is set, but {endpoint.url} is not https" for name, file in names if file is not None]
        if (file := settings.token_file) is not None and endpoint.path is None:
            try:
                self._token = _Reading([file], lambda: read_token(file, f"the token of {_TOKEN}"))
            except ConfigurationError as error:
                problems.append(str(error))
        if problems:
            raise ConfigurationError("; ".join(problems))

    @property
    def tls(self) -> Tls | None:
        """The certificates as they are now, the same object until they change; None without TLS."""
        return None if self._tls is None else self._tls.current()

    @property
    def authorization(self) -> str | None:
        """The header that shows the token as it is now; None without one."""
        return None if self._token is None else f"Bearer {self._token.current()}"


class _Reading(Generic[_T]):
    """A value that is made of files.

    Args:
        files: What is looked at for changes.
        read: Makes the value.
    """

    def __init__(self, files: Sequence[Path | None], read: Callable[[], _T]) -> None:
        self._files = [file for file in files if file is not None]
        self._read = read
        self._seen = self._look()
        self._value = read()

    def current(self) -> _T:
        """Returns the value of the files as they are now, or of the last ones that could be used."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            try:
                self._value = self._read()
            except ConfigurationError as error:
                _log.warning("%s; what was read before stays", error)
        return self._value

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_mark(file) for file in self._files]


def _mark(file: Path) -> tuple[int, int, int] | None:
    """What changes with a file's content; of a link, what it leads to. None where there is no file."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read_tls(ca: Path | None, certificate: Path | None, key: Path | None) -> Tls:
    problems: list[str] = []

    def content(name: str, file: Path | None) -> bytes | None:
        if file is None:
            return None
        try:
            return file.read_bytes()
        except OSError as error:
            problems.append(f"{name}: {file} cannot be read: {error.strerror}")
            return None

    authorities, shown, secret = content(_CA, ca), content(_CERTIFICATE, certificate), content(_KEY, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca is None:
        context.load_default_certs()
    elif authorities is not None and not _load_certificates(context, authorities):
        problems.append(f"{_CA}: {ca} has no certificates in PEM form")
    if (certificate is None) != (key is None):
        problems.append(f"mutual TLS needs both, {_CERTIFICATE} and {_KEY}, but only one is set")
    if shown is not None and not _load_certificates(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), shown):
        problems.append(f"{_CERTIFICATE}: {certificate} has no certificate in PEM form")
    elif certificate is not None and shown is not None and key is not None and secret is not None:
        problems += _load_pair(context, certificate, key, secret)
    if problems:
        raise ConfigurationError("; ".join(problems))
    return Tls(context, authorities, shown, secret)


def _load_certificates(context: ssl.SSLContext, pem: bytes) -> bool:
    try:
        context.load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return False
    return True


def _load_pair(context: ssl.SSLContext, certificate: Path, key: Path, secret: bytes) -> list[str]:
    """Loads the client's certificate with its key; returns what is wrong with them."""
    if b"ENCRYPTED" in secret:
        return [f"{_KEY}: the key in {key} has a password: give one without"]
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        if getattr(error, "reason", None) in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            return [f"{_KEY}: the key in {key} is not that of the certificate in {certificate}"]
        return [f"{_KEY}: {key} has no private key in PEM form"]
    return []
