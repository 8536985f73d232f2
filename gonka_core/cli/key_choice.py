"""Which private key a command takes: options, one object that knows what was chosen, and what is refused.

    --key-file PATH         hex or a V3 keystore, told apart by what is in it; - for stdin
    --keyring NAME          the keyring of the operating system
    --mnemonic-file PATH    words, and the HD path of --hd-path; - for stdin
    GONKA_PRIVATE_KEY       where none of those is given

At most one of them. Nothing secret is an option's value: those who try are told why, and are not quoted.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.keys import PrivateKey, secret_file
from gonka_core.keytext import EXPOSED, is_keystore
from gonka_core.wallet import DEFAULT_PATH, Mnemonic, keystore, system

from . import passphrases

Command = TypeVar("Command", bound=Callable[..., Any])

_LONGEST_INPUT: Final = 4096


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Where the key comes from. Nothing is read or asked for until `read` is called."""

    key_file: str | None = field(default=None, repr=False)
    keyring: str | None = field(default=None, repr=False)
    mnemonic_file: str | None = field(default=None, repr=False)
    hd_path: str | None = None
    passphrase_file: str | None = field(default=None, repr=False)
    ask_passphrase: bool = False

    @property
    def option(self) -> str | None:
        """The option that names the key; None where the environment is left to say."""
        given = {"--key-file": self.key_file, "--keyring": self.keyring, "--mnemonic-file": self.mnemonic_file}
        return next((name for name, value in given.items() if value is not None), None)

    @property
    def from_stdin(self) -> bool:
        return "-" in (self.key_file, self.mnemonic_file)

    def read(self) -> PrivateKey:
        """The key. Asks for a passphrase where one is needed and no file has it."""
        if self.keyring is not None:
            return system.load(self.keyring)
        if self.mnemonic_file is not None:
            return self._from_words(self.mnemonic_file)
        return PrivateKey.from_environment() if self.key_file is None else self._from_file(self.key_file)

    def _from_file(self, path: str) -> PrivateKey:
        content = _standard_input() if path == "-" else secret_file(path, "key file")
        text = content.decode("utf-8-sig", "replace").strip()
        if is_keystore(text):
            # Damaged files are refused before anybody types a passphrase.
            address = keystore.told_address(content)
            what = f"{_short(path)} ({address})" if address else _short(path)
            return keystore.decrypt(content, passphrases.known(self.passphrase_file, what))
        del content
        if self.passphrase_file is not None:
            del text
            raise ConfigurationError(
                "--passphrase-file is given, and the key file is no V3 keystore", "leave --passphrase-file out"
            )
        return PrivateKey.from_hex(text, where="the key on stdin" if path == "-" else f"the key in {path!r}")

    def _from_words(self, path: str) -> PrivateKey:
        words = Mnemonic(_standard_input().decode("utf-8", "replace")) if path == "-" else Mnemonic.from_file(path)
        asked = self.ask_passphrase or self.passphrase_file is not None
        passphrase = passphrases.known(self.passphrase_file, "the mnemonic") if asked else ""
        return words.private_key(self.hd_path or DEFAULT_PATH, passphrase=passphrase)


def key(command: Command) -> Command:
    """Give a command the options for a key, and the argument `key`: a `KeyChoice`."""

    @functools.wraps(command)
    def choosing(*args: Any, **given: Any) -> Any:
        return command(*args, key=_chosen(**{name: given.pop(name) for name in _NAMES}), **given)

    decorated: Any = choosing
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def _refused(_context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value is not None:
        del value
        raise InvalidKeyError(f"{parameter.opts[0]} is refused: no secret is an option's value", EXPOSED)


_NAMES: Final = ("key_file", "keyring", "mnemonic_file", "hd_path", "passphrase_file", "ask_passphrase")
_OPTIONS: Final = (
    click.option(
        "--key-file",
        metavar="PATH",
        multiple=True,
        help="File with the private key: hex or a V3 keystore; - for stdin. Default: GONKA_PRIVATE_KEY.",
    ),
    click.option("--keyring", metavar="NAME", multiple=True, help="Key of that name in the system's keyring."),
    click.option("--mnemonic-file", metavar="PATH", multiple=True, help="File with a mnemonic; - for stdin."),
    click.option("--hd-path", metavar="PATH", help=f"Of the key of a mnemonic. Default: {DEFAULT_PATH}."),
    click.option("--passphrase-file", metavar="PATH", help="Passphrase of the keystore or mnemonic."),
    click.option("--ask-passphrase", is_flag=True, help="The mnemonic has a passphrase of its own: ask for it."),
    *(
        click.option(name, hidden=True, expose_value=False, is_eager=True, callback=_refused)
        for name in ("--private-key", "--mnemonic", "--passphrase")
    ),
)


def _chosen(
    key_file: tuple[str, ...],
    keyring: tuple[str, ...],
    mnemonic_file: tuple[str, ...],
    hd_path: str | None,
    passphrase_file: str | None,
    ask_passphrase: bool,
) -> KeyChoice:
    if len((*key_file, *keyring, *mnemonic_file)) > 1:
        _wrong("the private key is given more than once", "give one of --key-file, --keyring, --mnemonic-file, once")
    if (hd_path or ask_passphrase) and not mnemonic_file:
        _wrong(
            "--hd-path and --ask-passphrase belong to a mnemonic", "give --mnemonic-file PATH too, or leave them out"
        )
    if passphrase_file is not None and not (key_file or mnemonic_file):
        _wrong("--passphrase-file is given without a file that it opens", "give --key-file PATH too, or leave it out")
    if passphrase_file is not None and ask_passphrase:
        _wrong("--passphrase-file and --ask-passphrase exclude each other", "leave one of them out")
    chosen_file, name, words = (values[0] if values else None for values in (key_file, keyring, mnemonic_file))
    return KeyChoice(chosen_file, name, words, hd_path, passphrase_file, ask_passphrase)


def _wrong(problem: str, next_step: str) -> NoReturn:
    raise ConfigurationError(problem, next_step)


def _standard_input() -> bytes:
    """What comes from stdin, as far as a key may be long. Raises `InvalidKeyError` where it is longer."""
    text = sys.stdin.read(_LONGEST_INPUT + 1)
    content = text.encode("utf-8", "replace")
    too_long = len(text) > _LONGEST_INPUT
    del text
    if too_long:
        del content
        raise InvalidKeyError(f"stdin holds more than {_LONGEST_INPUT} characters", "give the key alone")
    return content


def _short(path: str) -> str:
    return "the keystore on stdin" if path == "-" else ascii(Path(path).name)
