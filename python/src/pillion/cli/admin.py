"""`pillion models index|promote|rollback|load|unload`: which version of a model a running sidecar serves."""

import json
import ssl
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer

from pillion.errors import ConfigurationError, DependencyError, SidecarRefused

_TIMEOUT_S = 120.0
"""A load verifies and warms up before it answers."""
_CERTIFICATE = (
    "where it asks operators for a certificate, PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE and"
    " PILLION_SIDECAR_CLIENT_KEY_FILE name it"
)
_EXAMPLE = "[bold]Example:[/bold] pillion models {} --admin 127.0.0.1:8082"
Model = Annotated[str, typer.Argument(help="The model.")]
Admin = Annotated[
    str | None,
    typer.Option(
        help="The sidecar's operators' address; PILLION_SIDECAR_ADMIN where left out. https:// for TLS, by the files of"
        " PILLION_SIDECAR_CA_FILE, PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE and PILLION_SIDECAR_CLIENT_KEY_FILE."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the sidecar's own JSON.")]


def index(admin: Admin = None, as_json: Json = False) -> None:
    """Shows the versions of a running sidecar: which of them serve, and why others do not."""
    found = _ask(admin, "/v2/repository/index", {})
    if as_json:
        print(json.dumps(found))
        return
    for row in found:
        name = f"{row['name']} {row['version']}".strip() or "the repository"
        words = [row["state"].lower()]
        if row.get("serving"):
            words = ["serves, as operators chose" if row["pinned"] else "serves, the newest"]
        print(f"{name}: {'; '.join(filter(None, [*words, row['reason']]))}")


def promote(
    model: Model,
    version: Annotated[int | None, typer.Argument(min=1, help="The version; left out: follow the newest.")] = None,
    admin: Admin = None,
    as_json: Json = False,
) -> None:
    """Makes a version serve, at once and after every restart; the token comes from PILLION_SIDECAR_ADMIN_TOKEN."""
    _change("promote", model, version, admin, as_json)


def rollback(
    model: Model,
    version: Annotated[int | None, typer.Argument(min=1, help="The version; left out: the one before.")] = None,
    admin: Admin = None,
    as_json: Json = False,
) -> None:
    """Goes back to a version that is still warm, and stays there after every restart."""
    _change("rollback", model, version, admin, as_json)


def load(model: Model, admin: Admin = None, as_json: Json = False) -> None:
    """Loads a model that was unloaded, refused or published just now, and waits until it serves."""
    _change("load", model, None, admin, as_json)


def unload(model: Model, admin: Admin = None, as_json: Json = False) -> None:
    """Lets go of all versions of a model until it is loaded again."""
    _change("unload", model, None, admin, as_json)


def _change(action: str, model: str, version: int | None, admin: str | None, as_json: bool) -> None:
    body = {} if version is None else {"version": version}
    found = _ask(admin, f"/v2/repository/models/{quote(model, safe='')}/{action}", body)
    print(json.dumps(found) if as_json else _sentence(found))


def _sentence(found: dict[str, Any]) -> str:
    if found["serving"] is None:
        return f"'{found['name']}' is served by no version"
    how = "chosen, and stays so" if found["pinned"] else "the newest"
    return f"'{found['name']}' is served by version {found['serving']} ({how}); it was {found['before'] or 'none'}"


def _ask(admin: str | None, path: str, body: dict[str, int]) -> Any:
    import httpx

    from pillion.config import SidecarSettings
    from pillion.scoring.credentials import Credentials
    from pillion.scoring.endpoint import Endpoint

    settings = SidecarSettings()
    address = admin or settings.admin
    if address is None:
        raise ConfigurationError("no operators' address is known: give --admin, or set PILLION_SIDECAR_ADMIN")
    base = (address if "://" in address else f"http://{address}").rstrip("/")
    endpoint = Endpoint.parse(base)
    tls = Credentials(settings, endpoint).tls if endpoint.tls else None
    anonymous = endpoint.tls and settings.client_certificate_file is None
    hint = f"; {_CERTIFICATE}" if anonymous else ""
    headers = {"Authorization": f"Bearer {settings.read_admin_token()}"}
    try:
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=tls.context if tls else True) as client:
            response = client.post(base + path, json=body, headers=headers)
        found = response.json()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ConfigurationError(f"'{base}' is no address of a sidecar: {error}") from error
    except (httpx.HTTPError, ValueError) as error:
        raise DependencyError(_why(base, error, hint)) from error
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise ConfigurationError(f"the sidecar at {base} does not accept the token")
    if response.status_code != httpx.codes.OK:
        raise SidecarRefused(str(found.get("error") if isinstance(found, dict) else found))
    return found


def _why(base: str, error: Exception, hint: str) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"the certificate of the sidecar at {base} is not trusted: {cause.verify_message};"
                " PILLION_SIDECAR_CA_FILE names the file with those that it must be signed by"
            )
    return f"the sidecar at {base} does not answer: {error or type(error).__name__}{hint}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def register(models: typer.Typer) -> None:
    """Adds the commands of this module to the group of commands."""
    models.command(epilog=_EXAMPLE.format("index"))(index)
    models.command(epilog=_EXAMPLE.format("promote ranker 3"))(promote)
    models.command(epilog=_EXAMPLE.format("rollback ranker"))(rollback)
    models.command(epilog=_EXAMPLE.format("load ranker"))(load)
    models.command(epilog=_EXAMPLE.format("unload ranker"))(unload)
