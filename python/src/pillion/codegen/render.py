"""The templates of generated code."""

from collections.abc import Callable, Mapping


def render(template: str, quote: Callable[[str], str], what: Mapping[str, object]) -> str:
    """Returns a template's text.

    Args:
        template: Its file's name.
        quote: Writes a text as the language's literal; templates know it as the filter `quote`.
        what: The template's variables.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pillion.codegen"), autoescape=False, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["quote"] = quote
    return environment.get_template(template).render(what)
