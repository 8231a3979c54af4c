"""The elements of a Spark plan, as a document's header has it."""

from lxml import etree

from pillion.errors import InvalidModel

_NAMESPACE = "{urn:pillion:spark-plan}"


def read_plan(document: bytes) -> etree._Element | None:
    """Returns the plan in a document's header; None where it has none.

    Raises:
        InvalidModel: The document or its plan is no XML, or has a DOCTYPE.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(document, parser)
        found = root.find('{*}Header/{*}Extension[@extender="pillion"][@name="spark-plan"]')
        plan = None if found is None or not found.text else etree.fromstring(found.text.strip(), parser)
    except etree.XMLSyntaxError as error:
        raise InvalidModel(f"the document is not XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise InvalidModel("the document has a DOCTYPE, which is not read")
    return plan


def tag_of(element: etree._Element) -> str:
    """Returns an element's name without the namespace."""
    return str(element.tag).removeprefix(_NAMESPACE)


def children_of(element: etree._Element, name: str) -> list[etree._Element]:
    """Returns the children that have a name."""
    return list(element.findall(_NAMESPACE + name))


def numbers_of(element: etree._Element) -> list[float]:
    """Returns the numbers of an element's text."""
    return [float(word) for word in (element.text or "").split()]


def child_numbers(element: etree._Element, name: str) -> list[float]:
    """Returns the numbers of the children that have a name; none where there is no such child."""
    return [number for child in children_of(element, name) for number in numbers_of(child)]
