"""Where `gonka keys` puts a key: a new V3 keystore, or the keyring of the operating system."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gonka_core.errors import ConfigurationError
from gonka_core.keys import PrivateKey
from gonka_core.wallet import Passphrase, files, keystore, system

from . import passphrases

Command = TypeVar("Command", bound=Callable[..., Any])


class Place:
    """A keystore that is to be written, or a name in the keyring; `check` and `prepare` come before `keep`."""

    def __init__(self, path: str | None, name: str | None, passphrase_file: str | None) -> None:
        self._path, self._name, self._passphrase_file = path, name, passphrase_file
        self._passphrase: Passphrase | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"the keyring of this system, as {self._name}" if self._path is None else self._path

    @property
    def option(self) -> str:
        """With which commands use the key from there."""
        return f"--keyring {self._name}" if self._path is None else f"--key-file {shlex.quote(self._path)}"

    def check(self) -> None:
        """Raise `ConfigurationError` where nothing can be put there, before anybody is asked for anything."""
        if self._path is not None:
            files.refuse_taken(self._path)
        elif self._name is not None:
            system.refuse_taken(self._name)

    def prepare(self) -> None:
        """`check`, then ask for what is needed."""
        self.check()
        if self._path is not None:
            self._passphrase = passphrases.new(self._passphrase_file)

    def keep(self, key: PrivateKey) -> None:
        """Put the key there. Raises `ConfigurationError` where that cannot be done."""
        if self._path is not None:
            assert self._passphrase is not None
            keystore.write(self._path, key, self._passphrase)
        elif self._name is not None:
            system.store(self._name, key)


def destination(path_option: str, name_option: str | None) -> Callable[[Command], Command]:
    """Give a command the options for a place, and the argument `place`: a `Place`, or None where none is named."""
    options = [
        click.option(path_option, "to_path", metavar="PATH", help="Into a new V3 keystore, which needs a passphrase."),
        click.option(
            "--new-passphrase-file", metavar="PATH", help="Passphrase of the new keystore. Default: asked for twice."
        ),
    ]
    if name_option is not None:
        options.insert(1, click.option(name_option, "to_name", metavar="NAME", help="Into the system's keyring."))

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def placing(*args: Any, to_path: str | None, new_passphrase_file: str | None, **rest: Any) -> Any:
            name: str | None = rest.pop("to_name", None)
            return command(*args, place=_place(to_path, name, new_passphrase_file), **rest)

        decorated: Any = placing
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _place(path: str | None, name: str | None, passphrase_file: str | None) -> Place | None:
    if path is not None and name is not None:
        raise ConfigurationError("two places are named for the key", "name one: the keystore or the keyring")
    if passphrase_file is not None and path is None:
        raise ConfigurationError(
            "--new-passphrase-file is given without a keystore to write", "name the keystore too, or leave it out"
        )
    return None if path is None and name is None else Place(path, name, passphrase_file)
