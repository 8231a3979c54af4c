"""The reference of the Python API, `docs/python-api.md`: what its docstrings say, in Markdown."""

import inspect
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pillion
from pillion import errors

FUNCTIONS = ("check", "export", "load", "parity", "spark_config", "mlflow.log_model", "mlflow.load_model")
CLASSES = ("Check", "Version", "Report", "Model")
_HEAD = """\
# Python API

Generated from the docstrings by `make docs`; a test runs the examples. In them, `model` is a fitted `PipelineModel`,
`frame` a frame of Spark's with its columns, and `pandas_frame` the same rows in pandas.

```python
import pillion

report = pillion.check(model)  # all problems at once, before any conversion
version = pillion.export(model, frame)  # any SparkSession; schema and rows are the frame's
version.report()  # in a notebook: verdict, routes, worst rows, plots
version.publish("models", "late")  # the next number; returns the folder
pillion.load("models/late").predict(pandas_frame)  # no Spark; a frame in, a frame out
pillion.parity(model, frame)  # every engine against Spark, bit by bit
pillion.mlflow.log_model(version, "late")  # a model of MLflow's, with signature, figures and report
```

A session that is started with `SparkSession.builder.config(map=pillion.spark_config()).getOrCreate()` has the
converter's jars and computes the same bits on every machine. `pillion.features.load` is described
[with the project file](project-file.md).
"""
_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Example):$")
_ENTRY = re.compile(r"^(\w[\w*]*): ")


def describe_api() -> str:
    """Returns the reference."""
    parts = [_HEAD]
    for name, function in functions().items():
        text = _text(inspect.getdoc(function) or "")
        parts.append(f"## `pillion.{name}`\n\n{_signature(f'pillion.{name}', function)}\n\n{text}")
    for name in CLASSES:
        parts.append(f"## `{name}`\n\n{_text(inspect.getdoc(getattr(pillion, name)) or '')}")
        for method, member in _members(getattr(pillion, name)):
            text = _text(inspect.getdoc(member) or "")
            what = f"`{method}`" if isinstance(member, property) else f"`{method}{_parameters(member)}`"
            parts.append(f"### {what}\n\n{text}")
    tree = inspect.cleandoc(errors.__doc__ or "")
    parts.append(f"## Errors\n\nAll are in `pillion.errors`; `pillion.PillionError` is the root.\n\n```\n{tree}\n```\n")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def functions() -> dict[str, Any]:
    """Returns the functions by what they are called after `pillion.`; of a package that is called, its call."""
    found = {name: attrgetter(name)(pillion) for name in FUNCTIONS}
    return {name: each.function if inspect.ismodule(each) else each for name, each in found.items()}


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    lines = [f"    {_parameter(each)}," for each in signature.parameters.values()]
    star = next((at for at, p in enumerate(signature.parameters.values()) if p.kind is p.KEYWORD_ONLY), None)
    if star is not None:
        lines.insert(star, "    *,")
    returned = _annotation(signature.return_annotation)
    body = "\n".join(["", *lines, ""]) if lines else ""
    return f"```python\n{name}({body}) -> {returned}\n```"


def _parameters(function: Any) -> str:
    signature = inspect.signature(function)
    return f"({', '.join(each.name for each in signature.parameters.values() if each.name != 'self')})"


def _parameter(parameter: inspect.Parameter) -> str:
    kind = "" if parameter.annotation is parameter.empty else f": {_annotation(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return f"{parameter.name}{kind}"
    default = "…" if callable(parameter.default) else repr(parameter.default)
    return f"{parameter.name}{kind} = {default}"


def _annotation(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text)


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(kind).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield name, member


def _text(doc: str) -> str:
    """A docstring of Google's form as Markdown: sections become lists, examples code."""
    lines: list[str] = []
    section = ""
    for line in doc.splitlines():
        if found := _SECTION.match(line):
            section = found[1]
            lines += [f"**{section}**", ""] + (["```python"] if section == "Example" else [])
        elif section == "Example":
            lines.append(line.removeprefix("    "))
        elif section and line.startswith("    "):
            inner = line.removeprefix("    ")
            entry = _ENTRY.match(inner)
            if entry:
                lines.append(f"- `{entry[1]}`: {inner[entry.end() :]}")
            else:
                lines.append(f"  {inner.strip()}" if section != "Returns" else inner)
        else:
            lines.append(line)
    if section == "Example":
        lines = [*_trimmed(lines), "```"]
    return "\n".join(lines)


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
