"""Writing a plan into its PMML document, where every other reader passes over it."""

from pillion.export.plan.element import FORMAT, add, element, serialize, texts
from pillion.export.plan.walked import Plan
from pillion.export.pmml import PmmlDocument
from pillion.parity.spark_frame import element_names

_TYPES = {
    "double": ("continuous", "double"), "float": ("continuous", "float"), "long": ("continuous", "integer"),
    "integer": ("continuous", "integer"), "short": ("continuous", "integer"), "byte": ("continuous", "integer"),
    "boolean": ("categorical", "boolean"), "string": ("categorical", "string"), "vector": ("continuous", "double"),
    "date": ("continuous", "date"), "timestamp": ("continuous", "dateTime"), "decimal": ("categorical", "string"),
    "strings": ("categorical", "string"), "timestamp_ntz": ("continuous", "dateTime"),
}  # fmt: skip


def embed(document: PmmlDocument, plan: Plan) -> None:
    """Writes the plan into the document as an `Extension` of its header, with the inputs that the plan needs.

    The converter leaves out inputs whose coefficients are all zero. They are added to the data dictionary, and to the
    mining schema of a model, where any value is taken, so that every engine reports the same inputs.
    """
    document.add_extension("spark-plan", FORMAT, xml(plan))
    for given in plan.inputs:
        for name in [given.name] if given.size is None else element_names(given.name, given.size):
            document.add_input(name, *_TYPES[given.type])


def xml(plan: Plan) -> str:
    """The plan as XML."""
    root = element("plan", **plan.session)
    for given in plan.inputs:
        add(
            root, "input", name=given.name, type=given.type, size=given.size, precision=given.precision,
            scale=given.scale,
        )  # fmt: skip
    root.extend(node.element for node in plan.nodes)
    for output in plan.outputs:
        child = add(
            root, "output", field=output.field, column=output.column, element=output.element,
            above=output.above, complement=output.complement, type=output.type, kind=output.kind, class_=output.label,
        )  # fmt: skip
        texts(child, output.classes or ())
    return serialize(root)
