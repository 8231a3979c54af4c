"""The report of a parity run: one value that a screen, a file, a browser and a notebook show, each in its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pillion.errors import ConfigurationError
from pillion.parity.case import Case
from pillion.parity.page import make_fragment, make_page
from pillion.parity.run import Result, failures
from pillion.parity.summary import summarise
from pillion.parity.totals import judge_run


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What a parity run found. In a notebook it shows itself as a page; as text it is the verdict in a sentence.

    Attributes:
        summary: All figures, ready for JSON.
    """

    summary: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(
        cls,
        cases: Sequence[Case],
        results: Sequence[Result],
        *,
        demanded: Sequence[str] = (),
        spark: Mapping[str, Any] | None = None,
        quality: Mapping[str, float | int | str] | None = None,
        now: datetime | None = None,
    ) -> Self:
        """Makes the report of a run.

        Args:
            cases: All.
            results: Of all cases and routes.
            demanded: Engines that must not decline a document.
            spark: What decided the bits of the reference; None where recorded outputs are it.
            quality: How good the models are, a number for each measure, as the caller found it.
            now: When it was made; now where left out.
        """
        about = {
            "created": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
            "spark": dict(spark or {}),
            "quality": dict(quality or {}),
        }
        return cls(summarise(cases, results, failures(results, demanded), about))

    @property
    def passed(self) -> bool:
        """Whether no route failed."""
        return bool(self.summary["passed"])

    @property
    def verdict(self) -> str:
        """The verdict in a sentence."""
        return judge_run(self.summary).sentence

    @property
    def page(self) -> str:
        """A whole HTML document, which needs no network."""
        return make_page(self.summary)

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file, and returns the file.

        Raises:
            ConfigurationError: It cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.page, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
        return path

    def _repr_html_(self) -> str:
        return make_fragment(self.summary)

    def __repr__(self) -> str:
        return self.verdict
