"""The API key of `gonka proxy`: from a file, from the environment, or a new one, which is printed once."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from gonka_core.errors import InvalidKeyError
from gonka_core.keys import secret_file

from .access import ProxyKey, as_key, new_key

VARIABLE: Final = "GONKA_PROXY_API_KEY"


class Chosen(NamedTuple):
    """The key; `made` is its text where it is a new one, which nobody else knows."""

    key: ProxyKey
    made: str | None


def chosen(path: str | None) -> Chosen:
    """The key of that file, else of the environment, else a new one. Raises `InvalidKeyError`."""
    if path is not None:
        return Chosen(_sound(secret_file(path, "API key file").decode("utf-8-sig", "replace").strip()), None)
    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return Chosen(_sound(given), None)
    made = new_key()
    return Chosen(ProxyKey(made), made)


def _sound(text: str) -> ProxyKey:
    key = as_key(text)
    del text
    if isinstance(key, InvalidKeyError):
        raise key
    return key
