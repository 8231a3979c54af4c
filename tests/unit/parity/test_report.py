"""The report: the summary's figures, the table, and a page that needs nothing from outside."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from pillion.errors import InvalidModel
from pillion.parity import Report
from pillion.parity.case import Case
from pillion.parity.compare import ColumnComparison, compare
from pillion.parity.routes import BrokenRoute, Route, RouteKind
from pillion.parity.run import run_case
from pillion.parity.summary import BUCKETS, OTHER_KIND, histogram
from pillion.parity.table import make_tables, print_summary
from pillion.parity.totals import judge_run
from pillion.scoring import Scores
from tests.support.cases import make_case


def decline(case: Case) -> Route:
    raise InvalidModel("<RuleSetModel> is not supported")


@pytest.fixture
def summary() -> Mapping[str, Any]:
    case = make_case()
    columns = {name: list(column) for name, column in case.expected.columns.items()}
    columns["probability(1)"][case.real] = 0.125
    kinds = [
        RouteKind("exact", lambda c: BrokenRoute(c.expected), about="an engine that does it right"),
        RouteKind(
            "near", lambda c: BrokenRoute(c.expected, steps=3, every=50, arithmetic="jpmml", output="probability(1)")
        ),
        RouteKind("far", lambda c: BrokenRoute(c.expected, steps=1)),
        RouteKind("nan", lambda c: BrokenRoute(Scores(columns, ()), arithmetic="jpmml")),
        RouteKind("declines", decline),
    ]
    report = Report.of(
        [case],
        run_case(case, kinds),
        spark={"version": "4"},
        quality={"AUC": 0.8125},
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return report.summary


def test_the_summary_is_json_and_says_what_was_found(summary: Any) -> None:
    again = json.loads(json.dumps(summary, allow_nan=False))
    by_route = {result["route"]: result for result in again["results"]}
    assert (again["passed"], len(again["failures"])) == (False, 1)
    assert again["cases"][0]["edge"] == 6
    assert by_route["exact"]["difference"]["rows_differing"] == 0
    assert by_route["near"]["columns"][2]["histogram"]["3–4"] > 0
    assert by_route["nan"]["explained"][0]["rows"] == 1
    assert by_route["nan"]["worst"][0]["inputs"]["x"] == "NaN"
    assert by_route["nan"]["worst"][0]["expected"].keys() == {"probability(1)"}
    assert by_route["declines"]["refusal"] == "<RuleSetModel> is not supported"


def test_a_tolerance_hides_the_near_rows_and_not_the_other_decisions(summary: Any) -> None:
    by_route = {result["route"]: result for result in summary["results"]}
    near = by_route["near"]["difference"]["rows_differing"]
    assert [entry["hidden"] for entry in by_route["near"]["hidden"]] == [near] * 3
    assert [entry["hidden"] for entry in by_route["nan"]["hidden"]] == [0, 0, 0]


def test_each_cell_stands_in_one_bar_of_the_histogram() -> None:
    limits = [limit for _, limit in BUCKETS]
    steps = np.array([0, 1, 2, 3, 4, 5, 8, 9, 1024, 1025, 2**20, 2**20 + 1, 2**63, 0], dtype=np.uint64)
    zeros = np.zeros(len(steps))
    mismatched = np.zeros(len(steps), dtype=bool)
    mismatched[-1] = True
    found = histogram(ColumnComparison(steps, zeros, zeros, mismatched))
    for label, limit in BUCKETS:
        below = max([other for other in limits if other < limit], default=-1)
        assert found[label] == sum(below < int(step) <= limit for step in steps[:-1])
    assert found[OTHER_KIND] == 1
    column = compare({"x": [1.0, None]}, {"x": [1.0, 2.0]}, decisions=[], score=[]).columns["x"]
    assert sum(histogram(column).values()) == 2


def test_the_table_has_a_line_for_each_route_also_for_one_that_declined(summary: Any) -> None:
    console = Console(record=True, width=80)
    print_summary(summary, console)
    text = console.export_text(clear=False)
    for line in ("exact", "near", "far", "nan", "declines", "declined", "FAILED hand by far:"):
        assert line in text
    assert "<RuleSetModel> is not supported" in text
    assert all(console.measure(table).minimum <= 80 for table in make_tables(summary))


class Tags(HTMLParser):
    """Notes the tags that are open, and attributes that could reach outside."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[tuple[str, str]] = []
        self.seen: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.outside += [(tag, name) for name, _ in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_holds_everything_and_reaches_nowhere(summary: Any) -> None:
    page = Report(summary).page
    tags = Tags()
    tags.feed(page)
    assert tags.outside == []
    assert not re.search(r"https?:|@import|url\(|<script|<link|<iframe", page)
    assert {"table", "svg", "figcaption"} <= tags.seen
    assert "details" not in tags.seen
    assert "<RuleSetModel> is not supported" in "".join(tags.text)
    assert "NaN" in page


def test_the_page_says_first_whether_it_passed_and_what_it_is_about(summary: Any) -> None:
    tags = Tags()
    tags.feed(Report(summary).page)
    text = " ".join(" ".join(tags.text).split())
    found = [text.index(judge_run(summary).sentence), text.index("Routes and models"), text.index("Quality")]
    assert found == sorted(found)
    for words in (
        "Parity failed, with one finding: hand by far: 206 rows differ from Spark's bits",
        "an engine that does it right",
        f"SHA-256: {hashlib.sha256(b'').hexdigest()}",
        "AUC 0.8125",
        "device string tv, web",
        "version 4",
    ):
        assert words in text, words


def test_a_notebook_shows_the_same_in_one_element(summary: Any) -> None:
    shown = Report(summary)._repr_html_()
    assert shown.startswith('<div class="pillion-parity">')
    assert shown.rstrip().endswith("</div>")
    assert shown.strip() in Report(summary).page
    selectors = re.findall(r"^([.@\w][^{]*)\{", shown[shown.index("<style>") : shown.index("</style>")], re.M)
    assert all(selector.startswith((".pillion-parity", "@media")) for selector in selectors)


@pytest.mark.parametrize(
    ("kinds", "level", "words"),
    [
        ({"a": "spark"}, "exact", "One route gave the very bits that Spark computed, in all 206 answers."),
        (
            {"a": "spark", "b": "jpmml"},
            "exact",
            "in all 206 answers; of those that do not promise them, one route gave",
        ),
        ({"b": "jpmml"}, "close", "No route promises Spark's bits here, and one route gave the same decisions"),
        ({}, "failed", "Nothing was compared: no route could score the rows."),
    ],
)
def test_the_verdict_is_a_sentence_with_a_colour(kinds: dict[str, str], level: str, words: str) -> None:
    def route(arithmetic: str) -> Any:
        return lambda case: BrokenRoute(case.expected, arithmetic=arithmetic)

    case = make_case()
    ways = [RouteKind(name, route(arithmetic)) for name, arithmetic in kinds.items()] or [RouteKind("x", decline)]
    report = Report.of([case], run_case(case, ways))
    assert judge_run(report.summary).level == level
    assert words in report.verdict
    assert f'class="verdict {level}"' in report.page


def test_names_and_values_of_a_model_cannot_break_the_page(summary: Any) -> None:
    bad = "<script>alert(1)</script>"
    text = Report(json.loads(json.dumps(summary).replace("hand", bad).replace("probability(1)", bad))).page
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_cases_of_a_group_are_one_line() -> None:
    cases = [make_case(model=f"case {i}", group="golden") for i in range(3)]
    results = [r for case in cases for r in run_case(case, [RouteKind("x", lambda c: BrokenRoute(c.expected))])]
    report = Report.of(cases, results)
    console = Console(record=True, width=80)
    print_summary(report.summary, console)
    text = console.export_text()
    assert "618" in text
    assert text.count("golden") == 1
    assert "618" in report.page
