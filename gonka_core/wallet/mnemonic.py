"""Mnemonics: 12 to 24 English words that stand for a seed (BIP-39)."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final, NoReturn, Self

from gonka_core.errors import GonkaError, InvalidKeyError
from gonka_core.keys import PrivateKey, refuse_to_pickle, secret_file
from gonka_core.keytext import MNEMONIC_LENGTHS, is_hex_key, is_keystore

from .hd import DEFAULT_PATH, derive, parse_path
from .libraries import library
from .passphrase import Passphrase

_SEVERAL: Final = 3
"""More words than these that are not in the list are counted, not numbered."""


class Mnemonic:
    """12, 15, 18, 21 or 24 words of the English list of BIP-39, with a right checksum.

    Capitals and white space of any kind and amount are taken as they are meant. Shown nowhere, not pickled. Raises
    `InvalidKeyError` for anything else, which numbers the words that are wrong and quotes none.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        try:
            _listed()
        except GonkaError:
            del text
            raise
        flaw = _flaw(text)
        if flaw is None:
            self.__text = " ".join(text.lower().split())
            return
        del text
        raise InvalidKeyError(*flaw)

    @classmethod
    def generate(cls, words: int = 24) -> Self:
        """A new one, from the operating system's randomness. It is nowhere but here."""
        if words not in MNEMONIC_LENGTHS:
            raise InvalidKeyError(f"no mnemonic has {words!r} words", "ask for 12, 15, 18, 21 or 24")
        return cls(_english().generate(strength=words // 3 * 32))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """The words in a file. Warns with `InsecureKeyFileWarning` when everybody on the machine can read it."""
        try:
            content = secret_file(path, "mnemonic file")
        except InvalidKeyError:
            del path  # words given where their path belongs
            raise
        try:
            return cls(content.decode("utf-8-sig", "replace"))
        except GonkaError:
            del content
            raise

    def private_key(self, path: str = DEFAULT_PATH, *, passphrase: Passphrase | str = "") -> PrivateKey:
        """The key at an HD path (BIP-32).

        `passphrase` is what BIP-39 adds to the words, none by default: any text gives a key, and another one.
        """
        passphrase = Passphrase(passphrase)
        parse_path(path)
        return derive(_english().to_seed(self.__text, passphrase.reveal()), path)

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.__text.split())

    def reveal(self) -> str:
        """The words, in lower case, with single spaces. For who shows them to their owner once."""
        return self.__text

    def __repr__(self) -> str:
        return "Mnemonic(hidden)"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a Mnemonic")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle("a Mnemonic")


@cache
def _english() -> Any:
    return library("mnemonic").Mnemonic("english")


@cache
def _listed() -> frozenset[str]:
    return frozenset(_english().wordlist)


def _flaw(text: str) -> tuple[str, str] | None:
    """What is wrong with the text; does not raise for whatever it may be, so that no frame with words is kept."""
    if not isinstance(text, str):
        return f"the mnemonic is a {type(text).__name__}, not text", "give its words as one str"
    if other := _another_form(text):
        return other
    words = text.lower().split()
    if len(words) not in MNEMONIC_LENGTHS:
        return f"the mnemonic has {len(words)} words", "give all of its words, which are 12, 15, 18, 21 or 24"
    strangers = [place for place, word in enumerate(words, 1) if word not in _listed()]
    if strangers:
        return _unlisted(strangers), "compare with what was written down; only English mnemonics are read"
    if not _english().check(" ".join(words)):
        return (
            f"the {len(words)} words of the mnemonic are all in the list, and their checksum is wrong",
            "compare each word, and their order, with what was written down; one of them is another word of the list",
        )
    return None


def _another_form(text: str) -> tuple[str, str] | None:
    if is_hex_key(text):
        return "the mnemonic looks like a private key in hex", "give it with --key-file (in Python: PrivateKey)"
    if is_keystore(text):
        return "the mnemonic looks like a V3 keystore", "give it with --key-file (in Python: wallet.keystore)"
    return None


def _unlisted(places: list[int]) -> str:
    if len(places) > _SEVERAL:
        return f"{len(places)} words of the mnemonic are not in the English list of BIP-39"
    numbers = " and ".join(map(str, places)) if len(places) < _SEVERAL else ", ".join(map(str, places))
    verb = "word {} of the mnemonic is" if len(places) == 1 else "words {} of the mnemonic are"
    return f"{verb.format(numbers)} not in the English list of BIP-39"
