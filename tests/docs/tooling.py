"""The tool that builds the docs, which lies beside them rather than in a package."""

from __future__ import annotations

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from tests.docs.public import ROOT


@cache
def tool() -> ModuleType:
    """docs/tooling/build.py."""
    spec = spec_from_file_location("build", ROOT / "docs" / "tooling" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def tools() -> Path:
    """The interpreter with MkDocs; it is made where it is missing."""
    place = tool().python()
    assert isinstance(place, Path)
    return place
