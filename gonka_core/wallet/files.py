"""A new file that holds a secret: whole or not at all, for its owner alone, never in the place of another."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.keytext import EXPOSED, is_secret


def refuse_taken(path: str | os.PathLike[str]) -> None:
    """Raise `ConfigurationError` where `write_new` would: before somebody is asked for a passphrase."""
    secret = is_secret(os.fspath(path))
    if secret:
        del path
        raise InvalidKeyError("the path of the new file looks like a key itself", EXPOSED)
    if os.path.lexists(path):
        raise _taken(path)
    if not Path(path).parent.is_dir():
        raise _unwritable(path, "there is no such folder")


def write_new(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a new file of mode 0600. Raises `ConfigurationError` where there is one, or where none can be made.

    It is written beside its place under a name of its own, and linked into it: a link never replaces anything.
    """
    target = Path(path)
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.new")
    try:
        _write(draft, content)
        _put(draft, target)
    except FileExistsError:
        raise _taken(path) from None
    except (OSError, ValueError) as error:
        raise _unwritable(path, getattr(error, "strerror", None) or type(error).__name__) from None
    finally:
        with suppress(OSError, ValueError):
            draft.unlink()


def _write(draft: Path, content: bytes) -> None:
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # No hard links here (FAT, some network shares): the place is taken first, by a file that is ours.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(target)


def _taken(path: str | os.PathLike[str]) -> ConfigurationError:
    return ConfigurationError(
        f"there is a file {os.fspath(path)!r} already, and nothing is overwritten", "give another path, or move it away"
    )


def _unwritable(path: str | os.PathLike[str], reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"the file {os.fspath(path)!r} cannot be written ({reason})", "check the path and the permissions of its folder"
    )
