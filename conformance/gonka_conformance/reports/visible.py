"""What subjects say, made harmless to look at: a report quotes programs that may be hostile."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


def visible(text: str) -> str:
    """The text with every character that is not seen written as an escape; line feeds and tabs stay.

    Control characters (a terminal obeys them, XML 1.0 §2.2 forbids them), lone surrogates (which no encoding takes),
    marks of direction and of zero width. The result can be encoded, and written into XML.
    """
    return "".join(map(_visible, text))


def folded(text: str) -> str:
    """The same in one line."""
    return visible(" ".join(text.split("\n")))


def listed(names: Iterable[str]) -> str:
    """Claims and the like: `a, b`, or `nothing`."""
    return ", ".join(map(folded, names)) or "nothing"


@cache
def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return character.encode("unicode_escape").decode("ascii")
