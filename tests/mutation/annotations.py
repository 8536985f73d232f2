"""Annotations are never evaluated: a change to one is no change, and is not tried."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]
"""Line, from 1, and column, from 0."""


def annotated(source: str) -> Callable[[Place], bool]:
    """Whether a place of the source is inside of an annotation."""
    ranges = [
        ((found.lineno, found.col_offset), (found.end_lineno or 0, found.end_col_offset or 0))
        for node in ast.walk(ast.parse(source))
        for found in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(found, ast.expr)
    ]
    return lambda place: any(start <= place <= end for start, end in ranges)
