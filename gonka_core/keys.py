"""Private keys: read from where people keep them, checked, and shown nowhere.

A `PrivateKey` has no `repr`, pickle, state or traceback from which the key could be read: functions here let go
of the text they were given before they raise, so that not even a traceback with local variables holds it.
Whoever needs the bytes says so with `reveal()`; signers do, once, when they are made.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn, Self

from . import keytext
from .errors import InvalidKeyError, MissingSettingError

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""n, the order of secp256k1 (SEC 2 §2.4.1)."""

ENVIRONMENT_VARIABLE: Final = "GONKA_PRIVATE_KEY"

_API_KEY = re.compile(r"[!-~]{1,4096}", re.ASCII)
_LONGEST_FILE = 4096


class InsecureKeyFileWarning(UserWarning):
    """The key file can be read by every user of the machine."""


class PrivateKey:
    """A private key of secp256k1: an integer from 1 to n - 1 in 32 bytes, big-endian.

    Immutable. Raises `InvalidKeyError` for anything else, without quoting it.
    """

    __slots__ = ("__secret",)

    def __init__(self, secret: bytes) -> None:
        flaw = _flaw_of_bytes(secret)
        if flaw is None:
            self.__secret = bytes(secret)
            return
        del secret
        raise InvalidKeyError(*flaw)

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's randomness. It is nowhere but here: for tests and demonstrations."""
        return cls((secrets.randbelow(ORDER - 1) + 1).to_bytes(32, "big"))

    @classmethod
    def from_hex(cls, text: str, *, where: str = "the private key") -> Self:
        """The key written as 64 hex digits, with or without `0x` in front, and nothing else.

        `where` names it in the message of the error.
        """
        key, flaw = cls.__parse(text, where)
        del text
        return key or _refuse(flaw)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The key in `GONKA_PRIVATE_KEY`. Raises `MissingSettingError` where that is not set."""
        text = (os.environ if environ is None else environ).get(ENVIRONMENT_VARIABLE, "")
        key, flaw = cls.__parse(text, ENVIRONMENT_VARIABLE)
        unset = not text
        del environ, text
        if unset:
            raise MissingSettingError(
                "there is no private key",
                f"set {ENVIRONMENT_VARIABLE} to 64 hex digits, or give the key as an argument or a file",
            )
        return key or _refuse(flaw)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """The key in a file that holds its hex digits; white space around them is ignored.

        Warns with `InsecureKeyFileWarning` when everybody on the machine can read the file.
        """
        content, flaw = _content(path, "key file")
        if content is None:
            del path  # a key given where its path belongs
            _refuse(flaw)
        key, flaw = cls.__parse(content.decode("utf-8-sig", "replace").strip(), f"the key in {os.fspath(path)!r}")
        del content
        return key or _refuse(flaw)

    @classmethod
    def __parse(cls, text: str, where: str) -> tuple[Self | None, tuple[str, str]]:
        """The key, or what is wrong with the text; never raises, so that no frame with the text is kept."""
        problem = keytext.flaw(text)
        if problem is None:
            secret = bytes.fromhex(text.removeprefix("0x"))
            flaw = _flaw_of_bytes(secret, where)
            return (cls(secret), ("", "")) if flaw is None else (None, flaw)
        return None, (f"{where} {problem[0]}", problem[1])

    def reveal(self) -> bytes:
        """The 32 bytes. For the maker of a signer; do not keep, print or send them."""
        return self.__secret

    def __repr__(self) -> str:
        return "PrivateKey(hidden)"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a PrivateKey")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle("a PrivateKey")


class ApiKey:
    """A key that a broker takes as `Authorization: Bearer`. Shown nowhere; two of the same text are equal.

    Raises `InvalidKeyError` for text that no header can hold, without quoting it.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        sound = isinstance(text, str) and bool(_API_KEY.fullmatch(text))
        if sound:
            self.__text = text
            return
        del text
        raise InvalidKeyError(
            "the API key is empty or has white space or characters that no header can hold",
            "copy it again, whole, from where the broker shows it",
        )

    def reveal(self) -> str:
        """The text. For the header of a request; do not keep or print it."""
        return self.__text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and secrets.compare_digest(self.reveal(), other.reveal())

    def __hash__(self) -> int:
        return hash((ApiKey, self.__text))

    def __repr__(self) -> str:
        return "ApiKey(hidden)"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("an ApiKey")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        refuse_to_pickle("an ApiKey")


def refuse_to_pickle(what: str) -> NoReturn:
    """Raise the TypeError with which everything that holds a key answers pickle."""
    raise TypeError(
        f"{what} is not pickled, so that no key is written out by accident: "
        "hand over where the key comes from (a variable, a file) and read it again there"
    )


def _refuse(flaw: tuple[str, str]) -> NoReturn:
    raise InvalidKeyError(*flaw)


def secret_file(path: str | os.PathLike[str], what: str) -> bytes:
    """The bytes of a file that holds a secret, 4096 at most. Warns with `InsecureKeyFileWarning` as `from_file` does.

    `what` names the file in the message of the `InvalidKeyError`.
    """
    content, flaw = _content(path, what)
    del path
    return _refuse(flaw) if content is None else content


def _flaw_of_bytes(secret: bytes, where: str = "the private key") -> tuple[str, str] | None:
    if not isinstance(secret, bytes | bytearray | memoryview) or len(secret) != 32:
        return f"{where} is not 32 bytes", "give exactly 32 bytes, or use PrivateKey.from_hex for text"
    number = int.from_bytes(secret, "big")
    if number == 0:
        return f"{where} is zero", "use the key that was exported; an unset placeholder is not a key"
    if number >= ORDER:
        return f"{where} is not below the order of secp256k1", "export it again; no account has such a key"
    return None


def _content(path: str | os.PathLike[str], what: str) -> tuple[bytes | None, tuple[str, str]]:
    """The bytes of a file, or why it cannot be read; never raises."""
    shown = os.fspath(path)
    if keytext.is_secret(shown):
        return None, (f"the path of the {what} looks like a key itself", keytext.EXPOSED)
    try:
        with Path(path).open("rb") as file:
            _warn_if_everybody_reads(os.fstat(file.fileno()).st_mode, Path(path), what)
            content = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:
        reason = "its path holds a zero byte"
    else:
        if len(content) <= _LONGEST_FILE:
            return content, ("", "")
        reason = f"it has more than {_LONGEST_FILE} bytes"
    return None, (
        f"the {what} {shown!r} cannot be read ({reason})",
        "check the path, its permissions (chmod 600, owned by you), and that it holds the secret and no more",
    )


def _warn_if_everybody_reads(mode: int, path: Path, what: str = "key file") -> None:
    if os.name == "posix" and mode & stat.S_IROTH:
        warnings.warn(
            f"the {what} {os.fspath(path)!r} can be read by every user of this machine; run: chmod 600 {path}",
            InsecureKeyFileWarning,
            stacklevel=4,
        )
