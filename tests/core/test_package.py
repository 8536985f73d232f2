"""What `import gonka_core` gives, and what it does not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gonka_core


def test_each_name_is_found_where_type_checkers_find_it() -> None:
    tree = ast.parse(Path(str(gonka_core.__file__)).read_text())
    (typed,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in typed.body if isinstance(node, ast.ImportFrom)]
    assert {node.module: tuple(alias.name for alias in node.names) for node in imports} == gonka_core._HOMES
    assert set(gonka_core.__all__) == {*gonka_core._HOME, "__version__"}
    assert gonka_core.__all__ == sorted(gonka_core.__all__)


@pytest.mark.parametrize("name", gonka_core.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(gonka_core, name) is getattr(gonka_core, name)
    assert name in dir(gonka_core)


def test_its_modules_are_there_and_other_names_are_not() -> None:
    from gonka_core import canonical

    assert gonka_core.canonical is canonical
    for name in ("Clients", "nothing", "__path_to_nowhere__"):
        with pytest.raises(AttributeError, match=name):
            getattr(gonka_core, name)


def loaded(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after a statement."""
    command = [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_it_loads_none_of_its_modules() -> None:
    assert not {name for name in loaded("import gonka_core") if name.startswith("gonka_core.")}
    assert "gonka_core.client" in loaded("import gonka_core; gonka_core.Client"), "the negative"


def test_a_plug_in_that_describes_itself_loads_no_client_and_no_library() -> None:
    modules = loaded("import gonka_coincurve, gonka_httpx, gonka_aiohttp")
    assert not modules & {"gonka_core.client", "httpx", "aiohttp", "coincurve", "orjson", "asyncio"}
