"""Passphrases: from a file, or asked for on the terminal without being shown. Never an option's value."""

from __future__ import annotations

import getpass
import secrets
import warnings
from typing import Final

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.wallet import Passphrase

FEWEST: Final = 8
"""Characters of a new passphrase: whoever gets the file may try as many as they like."""


def known(path: str | None, what: str) -> Passphrase:
    """The passphrase of something that has one: in a file, else asked for. `what` names it to whoever is asked."""
    return _asked(f"Passphrase of {what}: ", "--passphrase-file") if path is None else Passphrase.from_file(path)


def new(path: str | None) -> Passphrase:
    """A passphrase for a new keystore: in a file, else asked for twice. Raises `InvalidKeyError` for a short one."""
    chosen = Passphrase.from_file(path) if path is not None else _asked_twice()
    if len(chosen.reveal()) < FEWEST:
        raise InvalidKeyError(
            f"the new passphrase has fewer than {FEWEST} characters",
            "choose a longer one, such as several words; it is all that protects the key in the file",
        )
    return chosen


def _asked_twice() -> Passphrase:
    first = _asked("New passphrase: ", "--new-passphrase-file")
    again = _asked("The same once more: ", "--new-passphrase-file")
    if not secrets.compare_digest(first.reveal().encode(), again.reveal().encode()):
        raise InvalidKeyError("the two passphrases differ", "run the command again; nothing was written")
    return first


def _asked(prompt: str, option: str) -> Passphrase:
    try:
        with warnings.catch_warnings():
            # Without a terminal getpass would warn, and read from stdin what is shown while it is typed.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return Passphrase(getpass.getpass(prompt))
    except (getpass.GetPassWarning, EOFError, OSError):
        pass
    raise ConfigurationError(
        "there is no terminal on which to ask for a passphrase", f"write it into a file and give {option} PATH"
    )
