"""Keyrings for tests: back ends of the interface of `keyring` itself."""

from __future__ import annotations

from collections.abc import Callable

import keyring.errors
from keyring.backend import KeyringBackend
from keyring.compat import properties


class Memory(KeyringBackend):
    """Keeps passwords as long as it lives; below priority 0 it is never chosen by itself."""

    @properties.classproperty
    def priority(cls) -> float:
        return -2

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not found")


class Failing(Memory):
    """Fails at everything, and quotes what it was given."""

    def __init__(self, error: Callable[[str], Exception]) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(password)


class Quoting(Memory):
    """Takes nothing, and says what."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class Forgetful(Memory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept.clear()


class Small(Memory):
    """Has room for a key, and for no list of names."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if service != "gonka":
            raise keyring.errors.PasswordSetError(password)
        super().set_password(service, username, password)
