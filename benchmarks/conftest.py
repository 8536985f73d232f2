"""What holds for a run of the benchmarks: their order, and what its JSON says of the machine."""

from __future__ import annotations

import pytest

from gonka_bench.machine import machine


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """The members of a group run one after the other, so that a machine that slows down meets all of them.

    `TOGETHER` of a module names the parameters that make its groups.
    """
    met: dict[object, int] = {}
    items.sort(key=lambda item: met.setdefault(_together(item), len(met)))


def pytest_benchmark_generate_machine_info() -> dict[str, object]:
    """In the words of all our reports, which tell versions, and without the seconds that asking the processor takes."""
    return machine()


def _together(item: pytest.Function) -> object:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return item.path, tuple(parameters.get(name) for name in getattr(item.module, "TOGETHER", ()))
