"""PMML documents are edited where they have to be, and stay as they were elsewhere."""

from pathlib import Path

import pytest

from pillion.errors import InvalidModel
from pillion.export.pmml import PmmlDocument

_DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" xmlns:data="http://jpmml.org/jpmml-model/InlineTable" version="4.4">
    <Header>
        <Application name="a &amp; b"/>
    </Header>
    <DataDictionary>
        <DataField name="x" optype="continuous" dataType="double"/>
    </DataDictionary>
    <RegressionModel functionName="classification" normalizationMethod="logit">
        <MiningSchema>
            <MiningField name="x"/>
        </MiningSchema>
        <RegressionTable intercept="-0.5" targetCategory="yes/1">
            <NumericPredictor name="x" coefficient="0.25"/>
        </RegressionTable>
        <RegressionTable intercept="0.0" targetCategory="no"/>
    </RegressionModel>
</PMML>
"""


def test_the_demo_models_are_read_and_written_byte_for_byte(root: Path) -> None:
    for path in sorted(root.glob("pmml-models/*/*/model.pmml")):
        assert PmmlDocument(path.read_bytes()).to_bytes() == path.read_bytes()


def test_the_negative_class_comes_first_with_its_terms_negated() -> None:
    document = PmmlDocument(_DOCUMENT)
    document.put_negative_class_first()

    expected = (
        (_DOCUMENT.replace(b"yes/1", b"no ").replace(b'"no"', b'"yes/1"').replace(b"no ", b"no"))
        .replace(b"-0.5", b"0.5")
        .replace(b'"0.25"', b'"-0.25"')
    )
    assert document.to_bytes() == expected


@pytest.mark.parametrize("other", [b"softmax", b"none"])
def test_no_other_regression_is_turned_round(other: bytes) -> None:
    text = _DOCUMENT.replace(b"logit", other)
    document = PmmlDocument(text)
    document.put_negative_class_first()
    assert document.to_bytes() == text


def test_an_extension_and_inputs_are_added_once_and_nothing_else_changes() -> None:
    document = PmmlDocument(_DOCUMENT)
    document.add_extension("spark-plan", "1", "<plan/>")
    document.add_input("x", "continuous", "double")
    document.add_input('a "b" <c>', "categorical", "string")

    assert document.to_bytes() == (
        _DOCUMENT.replace(
            b"<Header>",
            b'<Header>\n        <Extension extender="pillion" name="spark-plan" value="1">'
            b"<![CDATA[<plan/>]]></Extension>",
        )
        .replace(
            b"    </DataDictionary>",
            b'        <DataField name="a &quot;b&quot; &lt;c&gt;" optype="categorical" dataType="string"/>\n'
            b"    </DataDictionary>",
        )
        .replace(
            b"        </MiningSchema>",
            b'            <MiningField name="a &quot;b&quot; &lt;c&gt;" invalidValueTreatment="asIs"/>\n'
            b"        </MiningSchema>",
        )
    )


def test_what_is_no_document_is_named() -> None:
    with pytest.raises(InvalidModel, match="not XML"):
        PmmlDocument(b"<PMML>")
