"""The results as Markdown."""

from collections.abc import Iterator

from pillion.lab.findings import claims, findings, times
from pillion.lab.questions import SIZE
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
    if results.made:
        yield from ("", "## How each way grows", "", "Time a row, in calls of 1,000 rows.", "")
    for of_axis in results.by_axis().values():
        ways = dict.fromkeys(point.way for model in of_axis for point in model.of(SIZE))
        yield f"| way | {' | '.join(model.name for model in of_axis)} |"
        yield f"|---|{'---|' * len(of_axis)}"
        for way in ways:
            found = [[p for p in model.of(SIZE) if p.way == way] for model in of_axis]
            yield f"| {way} | {' | '.join(times(points[0].a_row) if points else '–' for points in found)} |"
        yield ""


def _model(model: ModelResults, results: Results) -> Iterator[str]:
    yield from ("", f"## {model.name}", "")
    for sentence in findings(model):
        yield f"- {sentence}"
    for question in dict.fromkeys(point.question for point in model.points.values()):
        sizes = model.sizes(question)
        yield from ("", f"### {question.capitalize()}", "")
        yield f"| way | outputs | {' | '.join(f'{rows:,} row' + ('s' if rows > 1 else '') for rows in sizes)} |"
        yield f"|---|---|{'---|' * len(sizes)}"
        for line in table_of(model, question, results):
            cells = [times(cell.seconds) if cell.seconds else cell.words for cell in line.cells]
            yield f"| {line.way} | {line.check} | {' | '.join(cells)} |"
        for (asked, way), why in model.absent.items():
            if asked == question:
                yield f"- {way}: left out: {why}"
