"""A property that is worked out once and kept: `functools.cached_property` without the lock that Python 3.11 takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class once(Generic[Value]):
    """Keeps what the method returns in the object, also a frozen one, where it is found from then on."""

    def __init__(self, work: Callable[[Any], Value]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, owner: None, kind: type[Any]) -> Self: ...
    @overload
    def __get__(self, owner: object, kind: type[Any]) -> Value: ...
    def __get__(self, owner: object | None, kind: type[Any]) -> Self | Value:
        if owner is None:
            return self
        value = self._work(owner)
        # Not by way of `__dict__`: whoever asks for that makes every other attribute slower to read (CPython 3.11).
        object.__setattr__(owner, self._name, value)
        return value
