"""The errors that Pillion raises, each with a stable code.

PillionError
├── ConfigurationError      a setting, file or installation is not as needed
├── InvalidInput            a record or request is bad: it names the field, the row, what was expected
├── InvalidModel            a document, manifest or version is bad
│   ├── UnsupportedStage    a pipeline stage has no PMML form
│   └── NotReproduced       no engine gives what Spark gave
└── DependencyError         the store or the sidecar did not give a usable answer
    ├── StoreError
    │   ├── StoreUnreachable    nothing was processed
    │   ├── StoreLocked         another process writes there
    │   └── CorruptRecord       a stored value is not what was written
    └── SidecarError
        ├── SidecarUnreachable  nothing was processed
        │   └── SidecarUntrusted    TLS: one side does not accept what the other shows
        └── SidecarRefused      the sidecar is well, but declined this request
            └── SidecarLacksItems   it does not have the items of the feature version that was named

`pillion.resilience.errors` adds what a guard or a ladder says on its own account. A call that took too long
raises the builtin `TimeoutError`.
"""

from typing import ClassVar


class PillionError(Exception):
    """The root of the tree; `str()` of it is one sentence for a person.

    Attributes:
        code: Stable name for programs.
        retryable: Whether the same call may be made again at once: nothing was processed.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


class PillionWarning(UserWarning):
    """What whoever trains or scores a model should know, in a sentence: rows left out, what a Spark session lacks."""


class ConfigurationError(PillionError):
    """A setting, file or installation is not as needed."""

    code = "configuration"


class InvalidInput(PillionError):
    """A record or request is bad; the message names field, row and expectation."""

    code = "invalid_input"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidModel(PillionError):
    """A PMML document, a manifest or a version of the model repository is bad."""

    code = "invalid_model"


class UnsupportedStage(InvalidModel):
    """A stage of a Spark pipeline can't be converted to PMML."""

    code = "unsupported_stage"


class NotReproduced(InvalidModel):
    """No installed engine gives Spark's outputs, so the model is not published."""

    code = "not_reproduced"


class DependencyError(PillionError):
    """A dependency did not give a usable answer."""

    code = "dependency"


class StoreError(DependencyError):
    """The online store did not give a usable answer."""

    code = "store"


class StoreUnreachable(StoreError):
    """The online store could not be reached, so nothing was processed."""

    code = "store_unreachable"
    retryable = True


class StoreLocked(StoreError):
    """Another process writes into the online store what only one may write at a time."""

    code = "store_locked"


class CorruptRecord(StoreError):
    """A value in the online store is not what was written there."""

    code = "corrupt_record"


class SidecarError(DependencyError):
    """The sidecar did not give a usable answer."""

    code = "sidecar"


class SidecarUnreachable(SidecarError):
    """The sidecar could not be reached, so nothing was processed."""

    code = "sidecar_unreachable"
    retryable = True


class SidecarUntrusted(SidecarUnreachable):
    """The TLS handshake failed, since one side does not accept what the other shows; it would fail again at once."""

    code = "sidecar_untrusted"
    retryable = False


class SidecarRefused(SidecarError):
    """The sidecar works, but declined this request: a bad record, an unknown model, a late deadline, no valid token."""

    code = "sidecar_refused"


class SidecarLacksItems(SidecarRefused):
    """The sidecar works, but does not have the items of the feature version that the request names in memory."""

    code = "sidecar_lacks_items"
