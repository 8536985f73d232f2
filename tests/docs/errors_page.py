"""The catalogue of errors as Markdown: `python -m tests.docs.errors_page` writes it into docs/errors.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gonka_core.catalogue import ENTRIES, billed, meaning, retried
from gonka_core.errors import GonkaError

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
BEGINNING = "<!-- catalogue: `python -m tests.docs.errors_page` writes it from gonka_core/catalogue -->\n"
END = "<!-- end of catalogue -->"


def catalogue() -> str:
    """Every entry, in the order of the tree."""
    return "\n".join(line for kind in _depth_first(GonkaError) for line in _entry(kind))


def written(page: str) -> str:
    """The page with its catalogue as it should be."""
    before, _, rest = page.partition(BEGINNING)
    return f"{before}{BEGINNING}\n{catalogue()}\n{END}{rest.partition(END)[2]}"


def _depth_first(kind: type[GonkaError]) -> Iterator[type[GonkaError]]:
    yield kind
    for below in ENTRIES:
        if below.__bases__[0] is kind:
            yield from _depth_first(below)


def _entry(kind: type[GonkaError]) -> Iterator[str]:
    entry = ENTRIES[kind]
    yield f"### {kind.__name__}\n"
    yield f"{_linked(meaning(kind))}\n"
    yield "| | |\n|---|---|"
    if kind is not GonkaError:
        yield f"| is a | [`{kind.__bases__[0].__name__}`](#{kind.__bases__[0].__name__.lower()}) |"
    yield f"| usual causes | {_listed(entry.causes)} |"
    yield f"| what to do | {_listed(entry.steps)} |"
    yield f"| tried again by the client | {retried(kind)} |"
    yield f"| billed | {billed(kind)} |\n"


def _listed(lines: tuple[str, ...]) -> str:
    return lines[0] if len(lines) == 1 else "<br>".join(f"• {line}" for line in lines)


def _linked(text: str) -> str:
    return re.sub(r"`protocol\.md`", "[protocol.md](protocol.md)", text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
