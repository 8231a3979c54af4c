"""The results as Markdown."""

from collections.abc import Iterator

from pillion.lab.findings import claims, findings, times
from pillion.lab.results import ModelResults, Results
from pillion.lab.tables import machine_sentence, table_of


def make_markdown(results: Results) -> str:
    """Returns the results as a Markdown page."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    yield "# The lab: which language, which place, which hardware"
    yield ""
    for key, machine in results.machines.items():
        yield f"- machine {key}: {machine_sentence(machine)}"
    yield ""
    yield from ("| claim | measured |", "|---|---|")
    for claim, measured in claims(results):
        yield f"| {claim} | {measured} |"
    for model in results:
        yield from _model(model, results)


def _model(model: ModelResults, results: Results) -> Iterator[str]:
    yield from ("", f"## {model.name}", "")
    for sentence in findings(model):
        yield f"- {sentence}"
    for question in dict.fromkeys(point.question for point in model.points.values()):
        sizes = model.sizes(question)
        yield from ("", f"### {question.capitalize()}", "")
        yield f"| way | outputs | {' | '.join(f'{rows:,} rows' for rows in sizes)} |"
        yield f"|---|---|{'---|' * len(sizes)}"
        for line in table_of(model, question, results):
            cells = [times(cell.seconds) if cell.seconds else cell.words for cell in line.cells]
            yield f"| {line.way} | {line.check} | {' | '.join(cells)} |"
        for (asked, way), why in model.absent.items():
            if asked == question:
                yield f"- {way}: left out: {why}"
