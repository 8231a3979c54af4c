"""The settings, one class per concern; each field can be set by an environment variable."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, field_serializer
from pydantic_settings import BaseSettings, SettingsConfigDict

from pillion.errors import ConfigurationError
from pillion.project import Project

_PACKAGED_JAR = Path(__file__).parent / "jar" / "pillion-sidecar.jar"
_BUILT_JAR = Path(__file__).parents[3] / "jvm-sidecar/server/target/pillion-sidecar.jar"
JVM_OPTIONS = (
    "-XX:+UseSerialGC",
    "-Xms128m",
    "-XX:MaxRAMPercentage=60",
    "-XX:MaxNewSize=64m",
    "-XX:ReservedCodeCacheSize=64m",
    "-XX:MaxDirectMemorySize=64m",
    "-XX:+ExitOnOutOfMemoryError",
)
"""What a sidecar's JVM runs with: a small process whose heap grows with its models and requests."""
UNIX = "unix:"
"""What the address of a Unix socket begins with; its absolute path follows."""

Milliseconds = Annotated[float, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]
UnknownInputs = Literal["fail", "ignore"]


def mask_password(url: str) -> str:
    """Returns the URL with its password, if any, as `***`."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def usual_socket(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the Unix socket where host and sidecar meet if nobody says otherwise: one a user.

    Only folders that nobody else can write to are taken, so that nobody else can listen there.

    Args:
        environment: `XDG_RUNTIME_DIR` names the user's run folder; without one, `XDG_CACHE_HOME` the cache folder.
    """
    if run := environment.get("XDG_RUNTIME_DIR"):
        return Path(run) / "pillion" / "sidecar.sock"
    cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "pillion" / "run" / "sidecar.sock"


def read_token(file: Path, name: str) -> str:
    """Returns the only word of a file.

    Args:
        file: What is read.
        name: What the token is called in a message.

    Raises:
        ConfigurationError: It cannot be read, or holds anything but one word of ASCII characters.
    """
    try:
        words = file.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name} cannot be read: {error}") from error
    if len(words) != 1 or not words[0].isascii() or not words[0].isprintable():
        raise ConfigurationError(f"there is no single word in the file of {name}, {file}")
    return words[0]


class StoreSettings(BaseSettings):
    """The online store; environment prefix `PILLION_STORE_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_STORE_", frozen=True, use_attribute_docstrings=True)

    url: str = "redis://127.0.0.1:6379/0"
    """`redis://HOST:PORT/0`, `rediss://…` for TLS, `unix:///PATH`, `redis+cluster://HOST:PORT,HOST:PORT` for a Redis or
    Valkey Cluster, `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE` for the server that Sentinels name, the last two with
    `rediss+` for TLS. `USER:PASSWORD@` stands before the hosts, and is never printed; `?ssl_ca_certs=FILE` names the
    certificates that the server's must be signed by."""
    password: SecretStr | None = None
    """Password, where it is not in the URL."""
    sentinel_password: SecretStr | None = None
    """Password of the Sentinels, where they have one."""
    max_connections: int = Field(default=32, ge=1)
    """Connections that may be open at once, which is also how many calls may be under way."""
    attempt_timeout_ms: Milliseconds = 20.0
    """Time that one attempt may take."""
    slow_ms: Milliseconds = 15.0
    """Time from which an attempt counts as slow for the breaker."""
    load_timeout_s: Seconds = 30.0
    """Time that one trip may take while features are loaded or a snapshot is read."""
    version_ttl_s: float | None = Field(default=7 * 86400, gt=0)
    """Life of a feature version that nobody replaces; None for no end."""
    grace_s: Seconds = 3600.0
    """Life of a feature version after it was replaced, and time in which a load that was cut short can go on."""
    lock_s: Seconds = 30.0
    """Time after which features can be loaded again where a loader was killed."""

    def __repr_args__(self) -> Any:
        """Yields the fields as they may be printed."""
        for name, value in super().__repr_args__():
            yield name, mask_password(value) if name == "url" else value

    def environment(self) -> dict[str, str]:
        """Returns the variables that tell another process which store is meant."""
        secrets = {"PASSWORD": self.password, "SENTINEL_PASSWORD": self.sentinel_password}
        said = {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
        return {f"{self.model_config['env_prefix']}{name}": text for name, text in {"URL": self.url, **said}.items()}

    @field_serializer("url")
    def _masked(self, url: str) -> str:
        return mask_password(url)


class SidecarSettings(BaseSettings):
    """The sidecar; environment prefix `PILLION_SIDECAR_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_SIDECAR_", frozen=True, use_attribute_docstrings=True)

    address: str = Field(default_factory=lambda: f"{UNIX}{usual_socket()}")
    """`unix:/PATH` for a Unix socket, which is the default, `http://HOST:PORT`, or `https://HOST:PORT` for TLS. The
    default's path is `pillion/sidecar.sock` under `XDG_RUNTIME_DIR`, else `~/.cache/pillion/run/sidecar.sock`."""
    encoding: Literal["json", "binary", "grpc"] = "binary"
    """How numbers travel: as JSON, as bytes after it, which is fastest, or over gRPC, whose address on TCP is another
    one and which needs the extra `grpc`."""
    unknown_inputs: UnknownInputs = "fail"
    """What the sidecar does with inputs that its version of the model does not have: `fail` refuses the call, `ignore`
    leaves them aside, so that a rollback to a version with fewer inputs turns no call into an error."""
    max_connections: int = Field(default=16, ge=1)
    """Connections that may be open at once, which is also how many calls may be under way."""
    attempt_timeout_ms: Milliseconds = 30.0
    """Time that one attempt may take. Below what a usual request has left for it: an attempt that only ever
    gets less than its full time never counts as a failure."""
    slow_ms: Milliseconds = 25.0
    """Time from which an attempt counts as slow for the breaker."""
    ca_file: Path | None = None
    """Certificates in PEM form that the sidecar's must be signed by; those that the system trusts where left out. This
    file and the next three are read again when they change."""
    client_certificate_file: Path | None = None
    """The certificate that this client shows, in PEM form, its intermediate ones after it; for mutual TLS."""
    client_key_file: Path | None = None
    """The private key of that certificate, in PEM form and without a password."""
    token_file: Path | None = None
    """A file with the token that the sidecar lets its hosts in by; it is not sent over a Unix socket."""
    models: Path = Path("models")
    """The model repository; `models` in the working directory where left out."""
    jar: Path = Field(default_factory=lambda: _PACKAGED_JAR if _PACKAGED_JAR.is_file() else _BUILT_JAR)
    """The sidecar's jar, where this process starts it: the wheel's, else the one that `make build` leaves."""
    java: Path | None = None
    """The `java` to start it with; else that of JAVA_HOME, else that of PATH."""
    jvm_options: tuple[str, ...] = JVM_OPTIONS
    """Options for the JVM, in place of those that keep a sidecar small: the same as in `deploy/`."""
    start_timeout_s: Seconds = 60.0
    """Time that a start may take."""
    admin: str | None = None
    """The operators' address, `HOST:PORT`, or `https://HOST:PORT` for TLS."""
    admin_token: SecretStr | None = None
    """What opens the operators' address; never printed."""
    admin_token_file: Path | None = None
    """A file with that token; it comes before `admin_token`."""

    @property
    def socket(self) -> Path | None:
        """The Unix socket that the address names; None where it is one of TCP."""
        path = self.address.removeprefix(UNIX)
        return None if path == self.address else Path("/" + path.lstrip("/"))

    def read_admin_token(self) -> str:
        """Returns the token that opens the operators' address.

        Raises:
            ConfigurationError: There is none, or its file cannot be read.
        """
        if self.admin_token_file is not None:
            return read_token(self.admin_token_file, "the admin token")
        if self.admin_token is None:
            raise ConfigurationError("no admin token: set PILLION_SIDECAR_ADMIN_TOKEN, or its _FILE to a file with it")
        return self.admin_token.get_secret_value()


class RecommendSettings(BaseSettings):
    """The data plane; environment prefix `PILLION_RECOMMEND_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_RECOMMEND_", frozen=True, use_attribute_docstrings=True)

    deadline_ms: Milliseconds = 50.0
    """Time from a request's arrival to its answer."""
    reserve_ms: float = Field(default=5.0, ge=0)
    """Part of the deadline that is kept for the fallback."""
    model: str | None = None
    """The model for requests that name none; that of `pillion.toml`, or the only one of the repository, where left
    out."""
    k: int = Field(default=10, ge=1)
    """Items for requests that do not say how many."""
    max_k: int = Field(default=1000, ge=1)
    """The most items that a request may ask for."""
    max_candidates: int = Field(default=10_000, ge=1)
    """The most candidates that a request may give."""
    candidate_count: int = Field(default=200, ge=1)
    """Candidates that go on to the model where a request gives none: of the popularity lists, or of a first phase."""
    segment_fields: tuple[str, ...] = ()
    """The request's fields that make a segment, the most telling first."""
    snapshot_path: Path | None = None
    """File that keeps the last snapshot, so that a cold start without a store can answer."""
    refresh_s: Seconds = 5.0
    """Time between looks for a new feature version or model version."""
    admission_most: int = Field(default=64, ge=1)
    """Requests that may ask store and sidecar at once, at most; the others get the fallback at once."""
    admission_least: int = Field(default=8, ge=1)
    """Requests that may ask them at once, however slow they are."""
    admission_target_ms: Milliseconds = 20.0
    """Time of an online answer above which fewer requests are let through at once."""
    admission_lag_ms: Milliseconds = 10.0
    """How late the event loop may be; while it is later, requests get the fallback at once."""
    ask_without_store: bool = False
    """Whether a store that is down leads to the model being asked with the declared defaults in place of the
    user's features, where its manifest declares one for each. Off, since what the user has seen is unknown then."""
    fallback_check_share: float = Field(default=0.01, ge=0, le=1)
    """Share of online answers for which the fallback is computed as well, to know that it works."""

    def with_project(self, project: Project) -> Self:
        """Returns the settings with what a project file says, where neither the caller nor the environment does."""
        said = {
            "model": project.model,
            "k": project.k,
            "candidate_count": project.candidates,
            "segment_fields": project.segments or None,
        }
        update = {
            name: value for name, value in said.items() if value is not None and name not in self.model_fields_set
        }
        return self.model_copy(update=update)


def _processors() -> int:
    """How many processors this process may use; where the system does not say that, how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ShimSettings(BaseSettings):
    """The FastAPI shim; environment prefix `PILLION_SHIM_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_SHIM_", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """The port to listen on; 0 for any."""
    max_body_bytes: int = Field(default=1 << 18, ge=1)
    """Longest body of a request."""
    body_timeout_s: Seconds = 5.0
    """Time that a request's body may take to arrive."""
    admin_token: SecretStr | None = None
    """Whoever sends it as `Authorization: Bearer …` may force breakers; without one nobody may."""
    workers: int = Field(default_factory=lambda: min(4, _processors()), ge=1)
    """Processes that answer, each with connections and breakers of its own; the processors, at most 4, where left
    out."""
    max_connections: int = Field(default=1000, ge=1)
    """Connections of callers that a worker keeps open at once; more are refused at the socket."""
    drain_s: Seconds = 5.0
    """Time that requests under way get to finish when the shim is stopped."""


class WatchSettings(BaseSettings):
    """What is watched of the requests that models answer; environment prefix `PILLION_WATCH_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_WATCH_", frozen=True, use_attribute_docstrings=True)

    feature_share: float = Field(default=0.1, ge=0, le=1)
    """Share of the requests whose features are counted; drawn by chance."""
    feature_window: int = Field(default=2000, ge=100)
    """Of how many of these the distribution is held against the baseline: the last ones, at most twice as many."""
    log_folder: Path | None = None
    """Where requests are logged, for `pillion replay`; none is where left out."""
    log_share: float = Field(default=0.01, ge=0, le=1)
    """Share of the users whose requests are logged; drawn by a hash of the user, so that a user's stay together."""
    log_key_file: Path | None = None
    """A file with the key by which users are hashed; `key` in that folder, made where it is absent, where left out."""
    log_files: int = Field(default=32, ge=2)
    """Files that are kept; the oldest goes where there would be more."""
    log_file_bytes: int = Field(default=8 << 20, ge=1 << 12)
    """Longest file. The log never takes more than so much times the number of files."""
    log_queue: int = Field(default=256, ge=1)
    """Requests that wait to be written, at most; more are dropped, and counted."""


class SparkSettings(BaseSettings):
    """The Spark session that a command starts; environment prefix `PILLION_SPARK_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_SPARK_", frozen=True, use_attribute_docstrings=True)

    master: str | None = None
    """Spark's master, as `spark://HOST:7077`; this machine, with `cores` threads, where left out."""
    memory: str = "3g"
    """Memory of the driver's JVM, and of an executor's where there is a master."""
    cores: str = "2"
    """Threads on this machine, or `*` for all; with a master, the most cores in all."""


class LogSettings(BaseSettings):
    """The log; environment prefix `PILLION_LOG_`."""

    model_config = SettingsConfigDict(env_prefix="PILLION_LOG_", frozen=True, use_attribute_docstrings=True)

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severity that is written."""
    format: Literal["text", "json"] = "text"
    """Text for people, or one JSON object a line."""
    access: bool = False
    """Whether each request is logged."""


def explain_settings(error: ValidationError) -> str | None:
    """Returns what is wrong with which environment variables; None where the error is not about settings.

    The values are left out, since one may hold a password.
    """
    classes = (
        StoreSettings, SidecarSettings, RecommendSettings, ShimSettings, WatchSettings, SparkSettings, LogSettings
    )  # fmt: skip
    prefixes = {each.__name__: each.model_config["env_prefix"] for each in classes}
    if (prefix := prefixes.get(error.title)) is None:
        return None
    wrong = [(prefix + "_".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_input=False)]
    return "; ".join(f"{name.upper()}: {message[:1].lower()}{message[1:]}" for name, message in wrong)
