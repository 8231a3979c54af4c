"""Go types of a model, for the client of the module `pillion.example/pillion`."""

import re

from pillion.codegen.contract import TypedContract
from pillion.codegen.names import PASCAL, identifiers, require_distinct, suffix
from pillion.codegen.render import render
from pillion.errors import ConfigurationError

_PACKAGE = re.compile(r"[a-z][a-z0-9_]*")
_KEYWORDS = frozenset({
    "break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go",
    "goto", "if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type",
    "var",
})  # fmt: skip
_SCOPE = frozenset({
    "Columns", "Document", "FailUnseen", "Infer", "MissingUnseen", "Model", "Prediction", "Predictions", "Reader",
    "Row", "Unseen", "UnseenCounts", "Version",
})  # fmt: skip
"""What the generated package declares itself."""
_TYPES = {"double": "float64", "float": "float32", "integer": "int64", "boolean": "bool", "string": "string"}
_DATATYPES = {"double": "FP64", "float": "FP32", "integer": "INT64", "boolean": "BOOL", "string": "BYTES"}
_SHORT = 80
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def generate_go(contract: TypedContract, package: str | None = None) -> dict[str, str]:
    """Returns the Go package of a model, its text by its file's name; gofmt leaves it as it is.

    Args:
        contract: What the model takes and gives.
        package: What the package is called; the model's name in lower case where left out.

    Raises:
        ConfigurationError: The package's name is none, or two names get one identifier.
    """
    package = package or re.sub(r"[^a-z0-9]", "", contract.model.lower())
    if not _PACKAGE.fullmatch(package) or package in _KEYWORDS | {"main"}:
        raise ConfigurationError(f"{package!r} is no name of a Go package, such as ranker: give one by --package")
    inputs = identifiers("inputs", (field.name for field in contract.inputs), PASCAL, {"Inputs"})
    outputs = identifiers("outputs", (field.name for field in contract.outputs), PASCAL, {"Error"})
    closed = [field for field in contract.inputs if field.values]
    types = identifiers("inputs", (field.name for field in closed), PASCAL, _SCOPE)
    enums = []
    scope = [(name, name) for name in sorted(_SCOPE)]
    for at, field in enumerate(closed):
        type_ = types[field.name]
        constants = identifiers(f"values of {field.name!r}", field.values, suffix(type_))
        enums.append({"at": at, "name": field.name, "type": type_, "values": list(constants.items())})
        scope += [(field.name, type_), (f"missing {field.name}", f"No{type_}")]
        scope += [(f"{field.name} {value}", constant) for value, constant in constants.items()]
    require_distinct("values", scope)
    text = render(
        "model.go.jinja",
        quote_go,
        {
            "contract": contract,
            "package": package,
            "enums": enums,
            "inputs": [
                {
                    "name": field.name,
                    "id": inputs[field.name],
                    "enum": types.get(field.name),
                    "type": _TYPES[field.type],
                    "datatype": _DATATYPES[field.type],
                }
                for field in contract.inputs
            ],
            "outputs": [
                {"name": field.name, "id": outputs[field.name], "type": _TYPES[field.type]}
                for field in contract.outputs
            ],
            "literal": _literal,
        },
    )
    return {f"{package}.go": text}


def _literal(head: str, body: str, indent: str) -> str:
    """A function of one statement, on one line where it is so short that gofmt would leave it there."""
    line = f"{head} {{ {body} }}"
    return line if len(line) <= _SHORT else f"{head} {{\n{indent}\t{body}\n{indent}}}"


def quote_go(text: str) -> str:
    """Returns a literal of Go."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
