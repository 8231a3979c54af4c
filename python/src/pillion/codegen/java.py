"""Java types of a model, for a `Ranker` of the artifact `pillion-ranker`."""

import re

from pillion.codegen.contract import TypedContract
from pillion.codegen.names import CAMEL, CONSTANT, PASCAL, identifiers
from pillion.codegen.render import render
from pillion.errors import ConfigurationError

_PACKAGE = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_KEYWORDS = frozenset({
    "_", "abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue",
    "default", "do", "double", "else", "enum", "extends", "false", "final", "finally", "float", "for", "goto", "if",
    "implements", "import", "instanceof", "int", "interface", "long", "native", "new", "null", "package", "private",
    "protected", "public", "return", "short", "static", "strictfp", "super", "switch", "synchronized", "this",
    "throw", "throws", "transient", "true", "try", "void", "volatile", "while",
})  # fmt: skip
_OBJECT = frozenset({
    "clone", "equals", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait",
})  # fmt: skip
_SCOPE = frozenset({
    "ArrayList", "Boolean", "Collections", "Column", "ColumnBuilder", "Deadline", "Double", "FieldType", "Float",
    "Function", "HashMap", "InvalidInput", "InvalidRequest", "LinkedHashMap", "List", "Long", "LongAdder", "Map",
    "Object", "Override", "Prediction", "Ranker", "Reader", "Row", "RowError", "ScoreAnswer", "ScoreRequest",
    "ScoreResult", "String", "Text", "Unseen",
})  # fmt: skip
"""The types that the generated class declares itself, or uses."""
_TYPES = {"double": "Double", "float": "Float", "integer": "Long", "boolean": "Boolean", "string": "String"}
_WIDEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:()\[\]+-]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def generate_java(contract: TypedContract, package: str) -> dict[str, str]:
    """Returns the Java class of a model, its text by its file's path under the folder of sources.

    Args:
        contract: What the model takes and gives.
        package: The class's, such as org.example.models.

    Raises:
        ConfigurationError: The package's name is none, or two names get one identifier.
    """
    if not _PACKAGE.fullmatch(package) or _KEYWORDS.intersection(package.split(".")):
        raise ConfigurationError(f"{package!r} is no name of a Java package, such as org.example.models")
    (class_,) = identifiers("models", [f"{contract.model} model"], PASCAL).values()
    reserved = _KEYWORDS | _OBJECT
    methods = {"inputs", "row", "unseenCounts"}
    inputs = identifiers("inputs", (field.name for field in contract.inputs), CAMEL, reserved | methods)
    outputs = identifiers("outputs", (field.name for field in contract.outputs), CAMEL, reserved | {"error"})
    closed = [field for field in contract.inputs if field.values]
    types = identifiers("inputs", (field.name for field in closed), PASCAL, _SCOPE | {class_})
    enums = []
    for field in closed:
        constants = identifiers(f"values of {field.name!r}", field.values, CONSTANT, _KEYWORDS | {"text"})
        what = {"name": field.name, "id": inputs[field.name], "type": types[field.name]}
        enums.append({**what, "values": list(constants.items())})
    text = render(
        "Model.java.jinja",
        quote_java,
        {
            "contract": contract,
            "package": package,
            "class_": class_,
            "enums": enums,
            "inputs": [
                {
                    "name": field.name,
                    "id": inputs[field.name],
                    "enum": types.get(field.name),
                    "type": types.get(field.name) or _TYPES[field.type],
                    "wire": _TYPES[field.type],
                    "field_type": field.type.upper(),
                }
                for field in contract.inputs
            ],
            "outputs": [
                {
                    "name": field.name,
                    "id": outputs[field.name],
                    "type": _TYPES[field.type],
                    "field_type": field.type.upper(),
                }
                for field in contract.outputs
            ],
            "comment": _comment,
            "fit": _fit,
        },
    )
    return {f"{package.replace('.', '/')}/{class_}.java": text}


def quote_java(text: str) -> str:
    """Returns a literal of Java, in ASCII."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    # The compiler reads \uXXXX before it reads literals, so that a control character would not be part of one.
    if ord(character) < 0x80:
        return f"\\{ord(character):03o}"
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _comment(text: str) -> str:
    """A text within a documentation comment, which it can neither end nor mark up."""
    return "".join(_entity(character) for character in text)


def _entity(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    return f"&#{ord(character)};" if character.isprintable() else f"U+{ord(character):04X}"


def _fit(*forms: str) -> str:
    """The first way to write something whose lines are not too long, or the last one."""
    for form in forms:
        if all(len(line) <= _WIDEST for line in form.split("\n")):
            return form
    return forms[-1]
