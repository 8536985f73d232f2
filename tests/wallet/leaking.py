"""Looking for secrets in what a program shows. `everything_shown` is the most that an error can tell."""

from __future__ import annotations

import base64
import re
import traceback
from itertools import pairwise


def traces_of(secret: bytes, text: str) -> list[str]:
    """Every run of 8 bytes of the secret that the text shows, as hex, base64 or the repr of bytes."""
    found = []
    for start in range(len(secret) - 7):
        part = secret[start : start + 8]
        shapes = [part.hex(), repr(part)[2:-1], *(base64.b64encode(bytes(n) + part).decode()[4:11] for n in range(3))]
        found += [shape for shape in shapes if shape.lower() in text.lower()]
    return found


def words_of(mnemonic: str, text: str) -> list[str]:
    """Every two neighbours of the mnemonic that stand beside each other in the text, in lines, lists or with spaces."""
    pairs = pairwise(mnemonic.lower().split())
    return [f"{a} {b}" for a, b in pairs if re.search(rf"\b{a}\b[\W\d]{{1,8}}\b{b}\b", text.lower())]


def everything_shown(error: BaseException) -> str:
    """The most that a traceback can say: every frame of this library with its local variables, and the chain."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    lines: list[str] = [str(error), repr(error), repr(error.args), repr(vars(error))]
    stack: list[traceback.TracebackException | None] = [trace]
    while stack:
        part = stack.pop()
        if part is None:
            continue
        ours = [frame for frame in part.stack if "/tests/" not in frame.filename]
        # One by one: the repr of them all would double the backslashes, behind which bytes are not found.
        lines += [f"{frame.name} {name} {value}" for frame in ours for name, value in (frame.locals or {}).items()]
        stack += [part.__cause__, part.__context__]
    return "\n".join(lines)
