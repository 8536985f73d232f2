"""The environment that transports look at, for the length of a check."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

PROXY_VARIABLES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@contextmanager
def environment(**wanted: str) -> Iterator[None]:
    """No proxy and no credentials but those given, in large and small letters as programs differ; put back after."""
    names = (*PROXY_VARIABLES, *map(str.lower, PROXY_VARIABLES), "NETRC")
    before = {name: os.environ.get(name) for name in {*names, *wanted}}
    small = {name.lower(): value for name, value in wanted.items() if name in PROXY_VARIABLES}
    _put({**dict.fromkeys(names), **wanted, **small})
    try:
        yield
    finally:
        _put({**dict.fromkeys(small), **before})


def _put(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
