"""`version.benchmark()`: the lab's results of one version, for a notebook."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pillion.lab.lab_model import MOST_ROWS, make_lab_model
from pillion.lab.markdown import make_markdown
from pillion.lab.page import make_page
from pillion.lab.questions import QUICK_QUESTIONS
from pillion.lab.results import Results
from pillion.lab.run import run_lab
from pillion.scoring.repository import MODEL
from pillion.tabular import read_frame


@dataclass(frozen=True, slots=True, repr=False)
class Benchmark:
    """What the lab measured of a version: times beside what was found of the outputs.

    As text it is tables in Markdown, and in a notebook the page.

    Attributes:
        results: All samples.
    """

    results: Results = field(repr=False)

    @property
    def page(self) -> str:
        """A whole HTML document, which needs no network."""
        return make_page(self.results)

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file, and returns the file."""
        path = Path(path)
        path.write_text(self.page, encoding="utf-8")
        return path

    def _repr_markdown_(self) -> str:
        return make_markdown(self.results)

    def __repr__(self) -> str:
        return make_markdown(self.results)


def benchmark_version(
    home: Path,
    frame: Any,
    jar: Path,
    *,
    questions: Sequence[str] = QUICK_QUESTIONS,
    quick: bool = True,
    progress: Callable[[str], None] = lambda text: None,
) -> Benchmark:
    """Measures a version's folder on rows of a frame.

    Args:
        home: `<repository>/<model>/<version>`.
        frame: Rows, of pandas or of Spark's, with the model's inputs; the first thousand are taken.
        jar: The sidecar's.
        questions: Which are asked.
        quick: Whether fewer and shorter samples are taken.
        progress: Is told what begins.

    Raises:
        InvalidInput: The frame lacks columns, or no row can be scored.
    """
    from pillion.scoring.jvm import open_model

    document = (home / MODEL).read_bytes()
    opened = open_model(document, "auto", jar)
    try:
        types = {each["name"]: each["type"] for each in opened.contract["inputs"]}
        if hasattr(frame, "toPandas"):
            frame = frame.limit(MOST_ROWS).toPandas()
        batch = read_frame(frame.head(MOST_ROWS), types, "the frame")
        sound = [row for row in range(batch.rows) if row not in batch.unfit]
        columns = {name: [column[row] for row in sound] for name, column in batch.columns.items()}
        model = make_lab_model(home.parent.name, home, document, opened, columns, len(sound))
    finally:
        opened.close()
    with tempfile.TemporaryDirectory(prefix="pillion-lab-") as scratch:
        file = Path(scratch) / "lab.json"
        return Benchmark(run_lab([model], file, jar, questions=questions, quick=quick, progress=progress))
