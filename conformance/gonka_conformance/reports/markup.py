"""HTML that is escaped by construction: text becomes markup in `tag` and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from .visible import visible

_EMPTY: Final = frozenset({"input", "meta"})
"""Elements without an end tag (HTML §13.1.2)."""


class Markup(str):
    """Finished HTML. A plain `str` beside it is text and is escaped."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | None) -> Markup:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; an attribute that is None is left out."""
    given = "".join(f' {_name(key)}="{_text(value)}"' for key, value in attributes.items() if value is not None)
    if name in _EMPTY:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Markup:
    """Markup as it is, text escaped."""
    return Markup("".join(child if isinstance(child, Markup) else _text(child) for child in children))


def prose(text: str) -> Markup:
    """A sentence of the kit's own in which `backquotes` mark code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return joined((text,))
    return joined(tag("code", piece) if number % 2 else piece for number, piece in enumerate(pieces))


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _text(text: str) -> str:
    return html.escape(visible(text))
