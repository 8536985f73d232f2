"""Text that is shown nowhere: what opens a keystore, or is added to a mnemonic."""

from __future__ import annotations

import os
import unicodedata
from typing import NoReturn, Self

from gonka_core.errors import InvalidKeyError
from gonka_core.keys import refuse_to_pickle, secret_file


class Passphrase:
    """A passphrase. Shown nowhere, not pickled; may be empty.

    One that cannot be used is refused by `reveal`, not here: whoever gives text is held by frames that still have it.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str | Passphrase) -> None:
        self.__text: str = text.__text if isinstance(text, Passphrase) else text

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """The only line of a file, in UTF-8; the line break at its end does not belong to it."""
        try:
            content = secret_file(path, "passphrase file")
        except InvalidKeyError:
            del path  # a secret given where its path belongs
            raise
        try:
            made = cls(content.decode("utf-8-sig").removesuffix("\n").removesuffix("\r"))
            made.reveal()
        except (UnicodeDecodeError, InvalidKeyError):
            made = None
        del content
        if made is None:
            raise InvalidKeyError(
                f"the passphrase file {os.fspath(path)!r} holds something else than one line of text",
                "write the passphrase into it, in UTF-8, and nothing else",
            )
        return made

    def reveal(self) -> str:
        """The text. For who encrypts or decrypts with it; do not keep or print it.

        Raises `InvalidKeyError` for what is no line of text that UTF-8 can hold, without quoting it.
        """
        if isinstance(self.__text, str) and _is_a_line(self.__text):
            return self.__text
        raise InvalidKeyError(
            "the passphrase is not text of one line",
            "give it without line breaks, tabs and other control characters, in UTF-8",
        )

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __repr__(self) -> str:
        return "Passphrase(hidden)"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a Passphrase")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle("a Passphrase")


def _is_a_line(text: str) -> bool:
    """Neither control characters nor halves of characters, which UTF-8 cannot hold."""
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)
