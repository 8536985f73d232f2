"""The reference: every public name is on a page, says what it is, has types, and names the errors that it raises."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

import pytest

from gonka_core.hookspecs import Hooks
from tests.docs.public import PACKAGES, ROOT, Member, Name, is_written_here, members, names

PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))
DIRECTIVE = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
OTHERS_LIBRARIES = {"gonka_core.integrations.litellm", "gonka_core.integrations.llm"}
"""Modules that need a library which is no development tool: `make test-ecosystem` imports them."""


def shown() -> list[str]:
    """What the pages ask the builder to show, by its path."""
    return [name for page in PAGES for name in DIRECTIVE.findall(page.read_text(encoding="utf-8"))]


def modules() -> dict[str, list[str]]:
    """Further modules that say with `__all__` what they offer: those of integrations, and two packages."""
    integrations = ROOT / "gonka_core" / "integrations"
    places = [*integrations.glob("*.py"), *integrations.glob("*/__init__.py")]
    places += [ROOT / "gonka_core" / package / "__init__.py" for package in ("batch", "proxy")]
    found = {}
    for path in places:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                found[module] = [str(name) for name in ast.literal_eval(node.value)]
    return found


def importable() -> list[Name]:
    return [Name(module, name) for module, of in modules().items() if module not in OTHERS_LIBRARIES for name in of]


def is_covered(name: Name, on_pages: list[str]) -> bool:
    """Whether it is shown by its own path, by that of the module that it is from, or with that module as a whole."""
    home = getattr(name.value, "__module__", name.place)
    return bool({str(name), f"{home}.{name.name}", name.place, home} & set(on_pages))


@pytest.mark.parametrize("name", [name for name in names() if not name.name.startswith("__")], ids=str)
def test_each_public_name_is_on_a_page(name: Name) -> None:
    assert is_covered(name, shown())


@pytest.mark.parametrize("module", modules())
def test_each_public_module_is_on_a_page(module: str) -> None:
    pages = set(shown())
    assert module in pages or all(f"{module}.{name}" in pages for name in modules()[module])


def test_a_name_that_is_on_none_is_noticed() -> None:
    name = Name("gonka_core", "Client")
    assert is_covered(name, ["gonka_core.Client"])
    assert is_covered(name, ["gonka_core.client"])
    assert not is_covered(name, [path for path in shown() if path != "gonka_core.Client"])


def test_nothing_is_shown_twice_and_nothing_is_gone() -> None:
    assert len(shown()) == len(set(shown()))
    for path in shown():
        if not path.startswith(tuple(OTHERS_LIBRARIES)):
            assert is_there(path), path


def is_there(path: str) -> bool:
    module, _, name = path.rpartition(".")
    try:
        import_module(path)
    except ModuleNotFoundError:
        return hasattr(import_module(module), name)
    return True


EVERY = [*names(), *importable()]
MEMBERS = {
    (member.function.__module__, member.function.__qualname__): member
    for name in EVERY
    if is_written_here(name.value)
    for member in members(name)
}


@pytest.mark.parametrize("name", [name for name in EVERY if is_written_here(name.value)], ids=str)
def test_each_says_what_it_is(name: Name) -> None:
    assert (name.value.__doc__ or "").strip()
    assert not name.value.__doc__.startswith(f"{name.name}("), "a dataclass writes that by itself"


@pytest.mark.parametrize("member", MEMBERS.values(), ids=str)
class TestMembers:
    def test_it_says_what_it_does(self, member: Member) -> None:
        assert member.docstring.strip()

    def test_it_has_types(self, member: Member) -> None:
        signature = inspect.signature(member.function)
        given = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
        assert all(each.annotation is not each.empty for each in given)
        assert signature.return_annotation is not signature.empty

    def test_it_names_the_errors_of_its_own_lines(self, member: Member) -> None:
        told = f"{member.docstring} {(member.owner and member.owner.__doc__) or ''}"
        assert all(any(name in told for name in names) for names in member.raised)


def test_what_is_raised_is_seen() -> None:
    """The negative of the last: a docstring that names no error of its lines would not do."""

    class Sample:
        def broken(self) -> None:
            if self:
                raise ValueError("x")

    assert Member("broken", Sample.broken).raised == [{"ValueError"}]


def test_each_hook_is_told_of_on_a_page() -> None:
    assert "gonka_core.hookspecs.Hooks" in shown()
    guides = "".join((ROOT / page).read_text("utf-8") for page in ("backends/README.md", "docs/plug-ins.md"))
    for hook in (name for name in vars(Hooks) if name.startswith("gonka_")):
        assert hook in guides
        assert vars(Hooks)[hook].__doc__


def test_the_packages_are_looked_at() -> None:
    assert {name.place for name in names()} == set(PACKAGES)
    assert len(MEMBERS) > 200
