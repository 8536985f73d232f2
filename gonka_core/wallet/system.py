"""The keyring of the operating system (macOS Keychain, Windows Credential Locker, Secret Service, KWallet).

A key is kept as its hex digits, for the service `gonka` and a name: an account's name, or its address. Keyrings have no
way to list what they hold, so another entry, of the service `gonka names`, holds the names and addresses of the keys
that were stored here; it holds no secret.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from typing import Any, Final, TypeVar

from gonka_core.address import address_of
from gonka_core.errors import ConfigurationError, InvalidKeyError, MissingSettingError
from gonka_core.keys import PrivateKey
from gonka_core.keytext import EXPOSED, is_secret
from gonka_core.resolve import AUTO, signer

from .libraries import library

SERVICE: Final = "gonka"
_NAMES: Final = ("gonka names", "names")
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.@-]{0,62}[A-Za-z0-9_])?", re.ASCII)
_CHOOSE: Final = "keep the key in a V3 keystore instead (--to-keystore PATH, read with --key-file PATH)"

Answer = TypeVar("Answer")


class KeyringNamesWarning(UserWarning):
    """A key is in the keyring, and the list of names could not be brought up to date."""


def store(name: str, key: PrivateKey) -> None:
    """Keep a key under a name of 1 to 64 letters, digits, and `_.@-`.

    Raises `ConfigurationError` where the name is taken, or where no keyring keeps what it is given.
    """
    refuse_taken(name)
    _asked(lambda keyring: keyring.set_password(SERVICE, name, key.reveal().hex()))
    if not _asked(lambda keyring: keyring.get_password(SERVICE, name) == key.reveal().hex()):
        raise ConfigurationError("the keyring of this system does not keep what it is given", _CHOOSE)
    _remember({**names(), name: address_of(signer(AUTO, lambda: key).public_key)})


def load(name: str) -> PrivateKey:
    """The key of that name. Raises `MissingSettingError` where there is none, `InvalidKeyError` where it is no key."""
    _check(name)
    found = _asked(lambda keyring: _key_of(keyring.get_password(SERVICE, name), name))
    if isinstance(found, InvalidKeyError):
        raise InvalidKeyError(found.problem, found.next_step)
    return found or _unknown(name)


def holds(name: str) -> bool:
    """Whether the keyring has something under that name."""
    _check(name)
    return _asked(lambda keyring: keyring.get_password(SERVICE, name) is not None)


def refuse_taken(name: str) -> None:
    """Raise `ConfigurationError` where `store` would, before somebody is asked for the key."""
    if holds(name):
        raise ConfigurationError(
            f"the keyring has a key named {name!r} already", "choose another name, or delete it: gonka keys delete"
        )


def delete(name: str) -> None:
    """Forget the key of that name. Raises `MissingSettingError` where there is none."""
    if not holds(name):
        _unknown(name)
    _asked(lambda keyring: keyring.delete_password(SERVICE, name))
    _remember({known: address for known, address in names().items() if known != name})


def names() -> dict[str, str]:
    """The names of the keys that were stored here, with their addresses, by name."""
    text = _asked(lambda keyring: keyring.get_password(*_NAMES))
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError, TypeError):
        told = None
    pairs = told.items() if isinstance(told, dict) else ()
    return {
        name: address for name, address in sorted(pairs) if _NAME.fullmatch(name) and str(address).startswith("gonka1")
    }


def _remember(known: dict[str, str]) -> None:
    try:
        _asked(lambda keyring: keyring.set_password(*_NAMES, json.dumps(known, sort_keys=True)))
    except ConfigurationError as error:
        warnings.warn(f"the list of names was not changed: {error.problem}", KeyringNamesWarning, stacklevel=3)


def _key_of(text: str | None, name: str) -> PrivateKey | InvalidKeyError | None:
    """The key in an entry; does not raise, so that no frame with its text is kept."""
    if text is None:
        return None
    try:
        return PrivateKey.from_hex(text, where=f"what the keyring holds as {name!r}")
    except InvalidKeyError as error:
        return error


def _check(name: str) -> None:
    sound, secret = isinstance(name, str) and bool(_NAME.fullmatch(name)), isinstance(name, str) and is_secret(name)
    del name
    if secret:
        raise InvalidKeyError("the name of the key looks like a key itself", EXPOSED)
    if not sound:
        raise ConfigurationError(
            "a key in the keyring has no such name", "use 1 to 64 letters and digits, with any of _ . @ - between them"
        )


def _unknown(name: str) -> Any:
    known = ", ".join(names())
    raise MissingSettingError(
        f"the keyring has no key named {name!r}",
        f"choose one of: {known}" if known else "store one first: gonka keys import --to-keyring NAME",
    )


def _asked(question: Callable[[Any], Answer]) -> Answer:
    """What the keyring answers. Its errors go no further: their frames hold what it was given to keep."""
    try:
        return question(library("keyring").get_keyring())
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - a back end raises what its system does
        reason = type(error).__name__
    raise ConfigurationError(*_flaw(reason))


def _flaw(reason: str) -> tuple[str, str]:
    if reason == "NoKeyringError":
        return "this system has no keyring, or none that can be reached", f"start one, or {_CHOOSE}"
    if reason == "KeyringLocked":
        return "the keyring of this system is locked", f"unlock it (log in, or open its program), or {_CHOOSE}"
    return f"the keyring of this system failed ({reason})", f"look whether it runs: keyring diagnose; or {_CHOOSE}"
