"""The libraries of the extra `keys`, imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from gonka_core.errors import MissingLibraryError
from gonka_core.plugins import install_line


def library(name: str) -> ModuleType:
    """The module of that name. Raises `MissingLibraryError` with the line that installs it."""
    try:
        return _imported(name)
    except ImportError as error:
        reason = "is not installed" if (error.name or "").partition(".")[0] == name else "cannot be imported"
    raise MissingLibraryError(f"the library {name}, which is needed for this, {reason}", install_line("keys"))


def _imported(name: str) -> ModuleType:
    """py_ecc, which comes with eth-keyfile, raises the recursion limit of the whole process to 100,000.

    What is nested deeper than the stack would then end the process instead of raising RecursionError.
    """
    limit = sys.getrecursionlimit()
    try:
        return importlib.import_module(name)
    finally:
        if sys.getrecursionlimit() != limit:
            sys.setrecursionlimit(limit)
