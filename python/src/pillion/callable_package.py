"""Packages that are called: `pillion.export(model, data)` beside `from pillion.export.plan import walk`.

A package that was imported is an attribute of its parent, over whatever the parent has under that name. So a function
of the Python API that is called like a package is that package's call.
"""

import importlib
import inspect
import sys
from types import ModuleType
from typing import Any

from pillion.extras import name_extra


def find(home: str, name: str) -> Any:
    """Returns what a module of ours has under a name; the module is imported now.

    Raises:
        ConfigurationError: An optional dependency is not installed.
    """
    try:
        return getattr(importlib.import_module(home), name)
    except ModuleNotFoundError as absent:
        error = name_extra(absent, f"pillion's '{name}'")
        if error is None:
            raise
        raise error from absent


def make_callable(package: str, home: str, name: str) -> None:
    """Makes a package's call that of a function.

    Args:
        package: The package's `__name__`.
        home: The module that has the function; it is imported by the first call.
        name: The function's.
    """

    class CallablePackage(ModuleType):
        @property
        def __signature__(self) -> inspect.Signature:
            return inspect.signature(find(home, name))

        @property
        def function(self) -> Any:
            """The function that the call is."""
            return find(home, name)

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return find(home, name)(*args, **kwargs)

    sys.modules[package].__class__ = CallablePackage
