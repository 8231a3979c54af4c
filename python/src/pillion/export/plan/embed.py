"""Writing a plan into its PMML document, where every other reader passes over it."""

import re
from xml.sax.saxutils import quoteattr

from pillion.export.plan.build import Plan
from pillion.export.plan.element import FORMAT, UnsupportedPlan, add, element, serialize, texts

_HEADER = re.compile(rb"<Header\b[^>]*?(/?)>")
_SCHEMA_END = re.compile(rb"</MiningSchema>")
_TYPES = {
    "double": ("continuous", "double"), "float": ("continuous", "float"), "long": ("continuous", "integer"),
    "integer": ("continuous", "integer"), "short": ("continuous", "integer"), "byte": ("continuous", "integer"),
    "boolean": ("categorical", "boolean"), "string": ("categorical", "string"),
}  # fmt: skip


def embed(document: bytes, plan: Plan) -> bytes:
    """Returns the document with the plan as an `Extension` of its header, and with the inputs that the plan needs.

    The converter leaves out inputs whose coefficients are all zero. They are added to the data dictionary and to the
    mining schema, where any value is taken, so that every engine reports the same contract.

    Raises:
        UnsupportedPlan: an input has a type that PMML has not.
    """
    header = _HEADER.search(document)
    if header is None or header[1]:
        raise UnsupportedPlan("the document has no header to write to")
    opening = f'<Extension extender="pillion" name="spark-plan" value="{FORMAT}">'
    extension = f"\n        {opening}<![CDATA[{xml(plan)}]]></Extension>"
    document = document[: header.end()] + extension.encode() + document[header.end() :]
    return _with_inputs(document, plan)


def xml(plan: Plan) -> str:
    """The plan as XML."""
    root = element("plan", **plan.session)
    for name, kind in plan.inputs.items():
        add(root, "input", name=name, type=kind)
    root.extend(node.element for node in plan.nodes)
    for output in plan.outputs:
        child = add(
            root, "output", field=output.field, column=output.column, element=output.element,
            above=output.above, complement=output.complement,
        )  # fmt: skip
        texts(child, output.classes or ())
    return serialize(root).replace("]]>", "]]&gt;")


def _with_inputs(document: bytes, plan: Plan) -> bytes:
    for name, kind in plan.inputs.items():
        quoted = quoteattr(name).encode()
        if kind not in _TYPES:
            raise UnsupportedPlan(f"the input {name!r} is of type {kind}")
        schema = _SCHEMA_END.search(document)
        end = document.find(b"</DataDictionary>")
        if schema is None or end < 0:
            raise UnsupportedPlan("the document has no mining schema")
        start = document.rfind(b"<MiningSchema", 0, schema.start())
        if b"<MiningField name=" + quoted not in document[start : schema.start()]:
            field = b"    <MiningField name=" + quoted + b' invalidValueTreatment="asIs"/>\n        '
            document = document[: schema.start()] + field + document[schema.start() :]
        if b"<DataField name=" + quoted not in document[:end]:
            usage, data = _TYPES[kind]
            field = b"    <DataField name=" + quoted + f' optype="{usage}" dataType="{data}"/>\n    '.encode()
            document = document[:end] + field + document[end:]
    return document
