"""A PMML document that is edited after the conversion; what is not edited stays as it was, byte for byte."""

import re
from datetime import UTC, datetime

from lxml import etree

from pillion import __version__
from pillion.errors import InvalidModel

_NAMESPACE = "http://www.dmg.org/PMML-4_4"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_INDENT = "    "
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_MODELS = re.compile(r"Model$|^Scorecard$|^NeuralNetwork$")


def tag(name: str) -> str:
    """Returns the name of a PMML element in its namespace."""
    return f"{{{_NAMESPACE}}}{name}"


def model_of(parent: etree._Element) -> etree._Element | None:
    """Returns the first model among an element's children."""
    return next((child for child in parent if _MODELS.search(str(child.tag).removeprefix(tag("")))), None)


class PmmlDocument:
    """A PMML 4.4 document as a tree.

    Attributes:
        root: the element `PMML`, of lxml.

    Raises:
        InvalidModel: it is not XML. Methods raise it where an element that they write to is absent.
    """

    def __init__(self, document: bytes) -> None:
        parser = etree.XMLParser(strip_cdata=False, resolve_entities=False, no_network=True, huge_tree=True)
        try:
            self.root = etree.fromstring(document, parser)
        except etree.XMLSyntaxError as error:
            raise InvalidModel(f"the document is not XML: {error}") from None

    @classmethod
    def without_model(cls) -> "PmmlDocument":
        """Returns a document with a header and an empty data dictionary, in which no reader finds a model."""
        document = cls(f'<PMML xmlns="{_NAMESPACE}" version="4.4"/>'.encode())
        document.root.text = f"\n{_INDENT}"
        header, dictionary = (etree.SubElement(document.root, tag(name)) for name in ("Header", "DataDictionary"))
        header.text = f"\n{_INDENT * 2}"
        header.tail, dictionary.tail = f"\n{_INDENT}", "\n"
        application = etree.SubElement(header, tag("Application"), name="Pillion", version=__version__)
        application.tail = f"\n{_INDENT * 2}"
        stamp = etree.SubElement(header, tag("Timestamp"))
        stamp.text, stamp.tail = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), f"\n{_INDENT}"
        return document

    def to_bytes(self) -> bytes:
        """Returns the document."""
        for constant in self.root.iter(tag("Constant")):
            constant.text = constant.text or ""  # the empty text, which the converter writes with an end tag
        return _DECLARATION + bytes(etree.tostring(self.root, encoding="UTF-8")) + b"\n"

    def put_negative_class_first(self) -> None:
        """Puts the negative class of each binary logistic regression first, with its terms negated.

        PMML computes the first table's class as 1 / (1 + e^-y) and the other as its complement. Spark computes the
        *negative* class so, and the positive one as the complement. Negation is exact, so the document means the same
        to every reader, and the complement is taken on the side where Spark takes it (docs/adr/0004).
        """
        for model in self.root.iter(tag("RegressionModel")):
            tables = model.findall(tag("RegressionTable"))
            kind = (model.get("functionName"), model.get("normalizationMethod"))
            if kind != ("classification", "logit") or len(tables) != 2 or not len(tables[0]) or len(tables[1]):
                continue
            positive, negative = (table.get("targetCategory") for table in tables)
            if positive is None or negative is None or float(tables[1].get("intercept", "nan")) != 0.0:
                continue
            tables[0].set("targetCategory", negative)
            tables[1].set("targetCategory", positive)
            for element in tables[0].iter():
                for name in ("intercept", "coefficient"):
                    if (number := element.get(name)) is not None:
                        element.set(name, number[1:] if number.startswith("-") else f"-{number}")

    def add_extension(self, name: str, value: str, text: str) -> None:
        """Adds Pillion's extension `name` to the header, with a text that other readers pass over."""
        header = self._find("Header")
        extension = etree.Element(tag("Extension"), extender="pillion", name=name, value=value)
        extension.text = etree.CDATA(text)
        extension.tail = header.text
        header.text = f"\n{_INDENT * 2}"
        header.insert(0, extension)

    def add_input(self, name: str, optype: str, data_type: str) -> None:
        """Adds a field to the data dictionary, and to the mining schema of a model, where they lack it.

        Any value of it is taken. A name that XML can't hold is passed over: a model has no such field.
        """
        if _NOT_XML.search(name):
            return
        schema = self.root.find(f".//{tag('MiningSchema')}")
        if schema is not None:
            _append(schema, 2, "MiningField", name=name, invalidValueTreatment="asIs")
        _append(self._find("DataDictionary"), 1, "DataField", name=name, optype=optype, dataType=data_type)

    def _find(self, name: str) -> etree._Element:
        found = self.root.find(f".//{tag(name)}")
        if found is None:
            raise InvalidModel(f"the document has no {name}")
        return found


def _append(parent: etree._Element, depth: int, element: str, /, **attributes: str) -> None:
    """Appends an indented element to `parent`, unless that has one of the same name."""
    fields = parent.findall(tag(element))
    if any(field.get("name") == attributes["name"] for field in fields):
        return
    if len(parent):
        parent[-1].tail = f"\n{_INDENT * (depth + 1)}"
    else:
        parent.text = f"\n{_INDENT * (depth + 1)}"
    etree.SubElement(parent, tag(element), attributes).tail = f"\n{_INDENT * depth}"
