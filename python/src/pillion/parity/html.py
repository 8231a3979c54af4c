"""What Pillion's pages of HTML are made by: the templates of a package, within a frame that all pages share."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pillion.errors import ConfigurationError

if TYPE_CHECKING:
    from jinja2 import Environment


def page_environment(package: str) -> "Environment":
    """Returns what renders a package's templates, which may extend `frame.html`.

    Raises:
        ConfigurationError: The libraries that draw pages are not installed.
    """
    require_libraries()
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pillion.parity")]), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def require_libraries() -> None:
    """Checks that what draws pages is installed.

    Raises:
        ConfigurationError: It is not.
    """
    absent = [name for name in ("jinja2", "pygal") if find_spec(name) is None]
    if absent:
        raise ConfigurationError(f"a page of HTML needs {' and '.join(absent)}: install pillion[report]")
