"""What is public: names of packages, and what a class of them offers."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_TOO_LITTLE = {"Exception", "BaseException", "object"}
PACKAGES = ("gonka_core", "gonka_mock_node", "gonka_conformance")


@dataclass(frozen=True)
class Name:
    """A public name: the package or module that offers it, and what it is called there."""

    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.place}.{self.name}"

    @property
    def value(self) -> Any:
        return getattr(import_module(self.place), self.name)


@dataclass(frozen=True)
class Member:
    """A function, or a method or property of a class, that anybody may use."""

    label: str
    function: Callable[..., Any]
    owner: type | None = None

    def __str__(self) -> str:
        return self.label

    @property
    def docstring(self) -> str:
        """Its own, or that of what it stands in for in a class above."""
        called = self.function.__name__
        above = [vars(kind).get(called) for kind in (self.owner.__mro__ if self.owner else ())]
        return next(filter(None, (item.__doc__ for item in (self.function, *above) if item is not None)), "")

    @cached_property
    def raised(self) -> list[set[str]]:
        """For each error that its own lines raise: the names of its class and of those above; one has to be told."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        raises = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
        called = [node.func if isinstance(node, ast.Call) else node for node in raises]
        return [self._names_of(node.id) for node in called if isinstance(node, ast.Name) and node.id[0].isupper()]

    def _names_of(self, error: str) -> set[str]:
        kind = self.function.__globals__.get(error) or getattr(builtins, error, None)
        return {each.__name__ for each in getattr(kind, "__mro__", ()) if each.__name__ not in _TOO_LITTLE} | {error}


def names() -> list[Name]:
    """Every name in `__all__` of the packages."""
    return [Name(package, name) for package in PACKAGES for name in import_module(package).__all__]


def members(name: Name) -> Iterator[Member]:
    """What has to be documented of a public name: itself where it is a function, or its methods and properties."""
    value = name.value
    if inspect.isfunction(value):
        yield Member(str(name), value)
    if not isinstance(value, type):
        return
    for kind in value.__mro__:
        if kind.__module__.startswith("gonka_"):
            yield from _of(kind, name)


def _of(kind: type, name: Name) -> Iterator[Member]:
    for called, item in vars(kind).items():
        function = item.fget if isinstance(item, property) else inspect.unwrap(getattr(item, "__func__", item))
        if inspect.isfunction(function) and not called.startswith("_") and not _is_of_a_library(kind, called):
            yield Member(f"{name}.{called}", function, kind)


def is_written_here(value: Any) -> bool:
    """Whether it is a class or function of ours, rather than a text, a tuple or something of a library."""
    described = inspect.isclass(value) or inspect.isfunction(value)
    return described and str(value.__module__).startswith("gonka_")


def _is_of_a_library(kind: type, called: str) -> bool:
    """Whether a library demands the method, and says itself what it is for."""
    above = [base for base in kind.__mro__ if not base.__module__.startswith("gonka_")]
    return any(called in vars(base) for base in above)
