"""The two clients and the two streams are one API, but for `await`; their drivers stay short."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import gonka_core.driving
from gonka_core import AsyncClient, Client
from gonka_core.streams import AsyncStream, Stream

AWAITED = {"close": "aclose", "__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}


def public(kind: type) -> set[str]:
    special = {*AWAITED, *AWAITED.values(), "__init__", "__repr__", "__getstate__", "__setstate__"}
    return {
        name
        for name in dir(kind)
        if not name.startswith("_") or (name in special and getattr(kind, name) is not getattr(object, name, None))
    }


def parameters(function: Any) -> list[tuple[str, Any, Any, str]]:
    return [
        (item.name, item.kind, item.default, str(item.annotation).replace("AsyncTransport", "Transport"))
        for item in inspect.signature(function).parameters.values()
    ]


@pytest.mark.parametrize(("sync", "awaited"), [(Client, AsyncClient), (Stream, AsyncStream)])
def test_the_same_names_with_the_same_parameters(sync: type, awaited: type) -> None:
    assert {AWAITED.get(name, name) for name in public(sync)} == public(awaited)
    for name in public(sync) - {"__init__"}:
        one, other = getattr(sync, name), getattr(awaited, AWAITED.get(name, name))
        if not isinstance(one, property):
            assert parameters(one) == parameters(other), name
    if sync is Client:
        assert parameters(sync) == parameters(awaited)


def test_what_waits_in_one_is_awaited_in_the_other() -> None:
    assert inspect.iscoroutinefunction(AsyncClient.chat)
    assert inspect.iscoroutinefunction(AsyncClient.aclose)
    assert inspect.iscoroutinefunction(AsyncStream.collect)
    assert not inspect.iscoroutinefunction(AsyncClient.stream), "it is entered with `async with`"


def test_the_drivers_are_short() -> None:
    """Both together, with what carries a request: everything else that a call does is in `exchange`, once."""
    tree = ast.parse(Path(gonka_core.driving.__file__).read_text())
    drivers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name in {"run", "run_async", "_carry", "_carry_async"}
    ]
    assert len(drivers) == 4
    assert sum((node.end_lineno or 0) - node.lineno + 1 for node in drivers) < 80
