"""Where a text stops being JSON, in the words of Go's `encoding/json` scanner.

Only asked when a body does not parse: a client then sees this sentence in the node's answer. The scanner works on
bytes, so that a character outside ASCII is named by its first byte, as Go does it.
"""

from __future__ import annotations

import re
from typing import Final

END: Final = "unexpected end of JSON input"
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_PLAIN: Final = re.compile(rb'[^"\\\x00-\x1f]*')
_DIGITS: Final = re.compile(rb"[0-9]*")
_HEX: Final = b"0123456789abcdefABCDEF"
_LITERALS: Final = {b"t"[0]: b"true", b"f"[0]: b"false", b"n"[0]: b"null"}
_CLOSERS: Final = {b"o": b"}", b"a": b"]"}
_AFTER: Final = {b"o": "after object key:value pair", b"a": "after array element"}
_KEY: Final = "looking for beginning of object key string"
_VALUE: Final = "looking for beginning of value"


class SyntaxFlaw(Exception):
    """`str()` is Go's sentence."""


def flaw(data: bytes) -> str | None:
    """The sentence for the first flaw, or None where there is none."""
    try:
        _Scanner(data).scan()
    except SyntaxFlaw as found:
        return str(found)
    return None


class _Scanner:
    """Reads one value; `open` holds what is not closed yet: `o` for an object, `a` for an array."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.open: list[bytes] = []

    def scan(self) -> None:
        self.value()
        while self.open:
            self.after()
        self.space()
        if self.at < len(self.data):
            self.refuse("after top-level value")

    def space(self) -> None:
        match = _SPACE.match(self.data, self.at)
        assert match is not None
        self.at = match.end()

    def byte(self) -> bytes:
        """The next byte. Raises `SyntaxFlaw` at the end."""
        if self.at >= len(self.data):
            raise SyntaxFlaw(END)
        return self.data[self.at : self.at + 1]

    def refuse(self, where: str) -> None:
        raise SyntaxFlaw(f"invalid character {_quoted(self.byte()[0])} {where}")

    def value(self) -> None:
        """A value up to its end, or up to the first value inside it."""
        self.space()
        first = self.byte()
        if first in b"{[":
            self.container(b"o" if first == b"{" else b"a")
        elif first == b'"':
            self.string()
        elif first == b"-" or first.isdigit():
            self.number()
        elif first[0] in _LITERALS:
            self.literal(_LITERALS[first[0]])
        else:
            self.refuse(_VALUE)

    def container(self, kind: bytes) -> None:
        self.at += 1
        self.space()
        if self.byte() == _CLOSERS[kind]:
            self.at += 1
            return
        self.open.append(kind)
        self.element()

    def element(self) -> None:
        if self.open[-1] == b"o":
            self.space()
            if self.byte() != b'"':
                self.refuse(_KEY)
            self.string()
            self.space()
            if self.byte() != b":":
                self.refuse("after object key")
            self.at += 1
        self.value()

    def after(self) -> None:
        """What follows a value inside a container: a comma and the next one, or the end."""
        self.space()
        kind, found = self.open[-1], self.byte()
        if found == b",":
            self.at += 1
            self.element()
        elif found == _CLOSERS[kind]:
            self.at += 1
            self.open.pop()
        else:
            self.refuse(_AFTER[kind])

    def string(self) -> None:
        self.at += 1
        while True:
            match = _PLAIN.match(self.data, self.at)
            assert match is not None
            self.at = match.end()
            found = self.byte()
            if found == b'"':
                self.at += 1
                return
            if found != b"\\":
                self.refuse("in string literal")
            self.escape()

    def escape(self) -> None:
        self.at += 1
        found = self.byte()
        if found not in b'"\\/bfnrtu':
            self.refuse("in string escape code")
        self.at += 1
        for _ in range(4 if found == b"u" else 0):
            if self.byte() not in [bytes([digit]) for digit in _HEX]:
                self.refuse("in \\u hexadecimal character escape")
            self.at += 1

    def number(self) -> None:
        if self.byte() == b"-":
            self.at += 1
            if not self.byte().isdigit():
                self.refuse("in numeric literal")
        if self.byte() == b"0":
            self.at += 1
        else:
            self.digits()
        if self.peek() == b".":
            self.at += 1
            self.needed_digits("after decimal point in numeric literal")
        if self.peek() in (b"e", b"E"):
            self.at += 1
            if self.byte() in (b"+", b"-"):
                self.at += 1
            self.needed_digits("in exponent of numeric literal")

    def peek(self) -> bytes:
        return self.data[self.at : self.at + 1]

    def digits(self) -> None:
        match = _DIGITS.match(self.data, self.at)
        assert match is not None
        self.at = match.end()

    def needed_digits(self, where: str) -> None:
        if not self.byte().isdigit():
            self.refuse(where)
        self.digits()

    def literal(self, word: bytes) -> None:
        for wanted in word:
            if self.byte()[0] != wanted:
                self.refuse(f"in literal {word.decode()} (expecting '{chr(wanted)}')")
            self.at += 1


def _quoted(byte: int) -> str:
    """A byte as Go's quoteChar shows it: the character of that number, escaped where it does not print."""
    special = {0x27: "\\'", 0x22: '"', 0x5C: "\\\\", 0x07: "\\a", 0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n"}
    special |= {0x0D: "\\r", 0x09: "\\t", 0x0B: "\\v"}
    if byte in special:
        return f"'{special[byte]}'"
    if byte < 0x20 or byte == 0x7F:
        return f"'\\x{byte:02x}'"
    return f"'{chr(byte)}'" if chr(byte).isprintable() else f"'\\u{byte:04x}'"
