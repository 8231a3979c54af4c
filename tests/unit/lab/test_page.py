import re

import pytest
from lxml import html

from pillion.lab.findings import claims, findings, ratio, times
from pillion.lab.hardware import find_crossing
from pillion.lab.markdown import make_markdown
from pillion.lab.page import make_page
from pillion.lab.results import Check, ModelResults, Point
from pillion.lab.tables import million_costs, table_of
from tests.support.lab_results import results, with_device


def test_the_claims_are_told_with_what_was_measured() -> None:
    told = dict(claims(results()))

    assert told["Python is 10 to 100 × slower than C"] == "100 × (late, 100 rows)"
    assert told["Java is 10 to 50 × faster than Python"] == "50 × (late, 100 rows)"
    assert told["GPUs are for batches"] == "not measured: no device"


def test_a_claim_on_several_models_begins_with_the_range() -> None:
    made = results()
    other = ModelResults("other", "e", dict(made.models["d"].facts))
    for way, seconds in (("plain Python", 6e-5), ("C", 3e-6)):
        other.add(Point("language", way, 10, "here", (seconds,)))
    made.models["e"] = other

    told = dict(claims(made))

    assert told["Python is 10 to 100 × slower than C"] == "20 × to 100 ×: 100 × (late, 100 rows); 20 × (other, 10 rows)"


def test_findings_name_the_fastest_and_those_with_other_bits() -> None:
    first, second, *_ = findings(results().models["d"])

    assert first == "Of 100 rows in a call, C takes 1 µs a row and plain Python 100 × as much, 100 µs."
    assert second == "The engine's bits come from Java and plain Python; C give other last bits or worse."


def test_compiling_is_told_apart() -> None:
    made = results()
    made.models["d"].checks["language", "C"] = Check(400, 0, 0, 0.0, compile_s=2.5)

    assert "C compiles for 2.5 s before its first call, which is no part of its times." in findings(made.models["d"])
    assert sum("compiles for" in sentence for sentence in findings(made.models["d"])) == 1


def test_a_device_crosses_between_two_sizes() -> None:
    crossing = find_crossing(with_device(1e-8, 1e-3).models["d"])

    assert (crossing.device, crossing.processor) == ("PyTorch on cuda", "C, one thread")
    assert 900 < crossing.rows < 1200


def test_a_device_that_never_overtakes_crosses_nowhere() -> None:
    made = with_device(1e-5, 1e-3)

    assert find_crossing(made.models["d"]) is None
    assert "The device overtakes the processor at no size that was measured." in findings(made.models["d"])


def test_a_curve_from_another_machine_says_which() -> None:
    page = make_page(with_device(1e-8, 1e-3))

    assert "device H100" in page
    assert "1 µs on the device" in page


def test_the_page_needs_no_network_and_shows_all() -> None:
    page = make_page(results())
    tree = html.fromstring(page)

    assert re.findall(r'(?:src|href)="(?!#)', page) == []
    assert [cell.text for cell in tree.xpath('//td[contains(@class, "way")]')] == ["plain Python", "Java", "C"]
    assert "the compiler contracts to FMA" in page
    assert "Go is left out: Go needs its compiler" in page
    assert len(tree.xpath("//svg")) == 2


def test_a_model_that_programs_lack_a_stage_for_says_so() -> None:
    made = results()
    made.models["d"].facts["unsupported"] = "the programs have no steps for the stage tokenizer"

    assert "Programs can't compute it: the programs have no steps for the stage tokenizer." in make_page(made)


def test_a_million_predictions_cost_what_their_seconds_cost() -> None:
    (_, java, _) = table_of(results().models["d"], "language", results())

    assert java.core_s == pytest.approx(2e-6)
    assert java.cost == pytest.approx(million_costs(2e-6, 0.04)) == pytest.approx(2.0 / 3600 * 0.04)


def test_markdown_has_the_same_tables() -> None:
    text = make_markdown(results())

    assert "| C | 3 of 400 differ, by up to 1.0e-16 (2 ULPs); the compiler contracts to FMA | 1 µs | 100 µs |" in text


def test_times_and_ratios_are_short() -> None:
    assert [times(value) for value in (2.0, 0.0031, 4.2e-5, 3e-9)] == ["2 s", "3.1 ms", "42 µs", "3 ns"]
    assert [ratio(value) for value in (1.234, 12.6, 1234.0)] == ["1.2 ×", "13 ×", "1,234 ×"]
