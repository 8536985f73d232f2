"""What a value read from TOML or JSON may be: small checks, put together into tables of fields.

A check takes a value and returns what the program works with, or raises `ScenarioError`. Only containers know where a
value stands: they put its name or number in front while the error passes through them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, TypeVar

T = TypeVar("T")
Check: TypeAlias = Callable[[object], T]

LARGEST: Final = 2**63 - 1
"""The largest integer of TOML, and of the chain."""
PRIVATE_KEY: Final = re.compile(r"(?<![0-9A-Fa-f])(?:0[xX])?[0-9A-Fa-f]{64}(?![0-9A-Fa-f])", re.ASCII)
"""What looks like a private key: 64 hexadecimal digits, no more and no fewer."""
_LONGEST_QUOTE: Final = 60


class ScenarioError(ValueError):
    """Something in a scenario is not usable.

    `field` is where: a dotted path as `nodes[1].provider`, empty for the file as a whole. `reason` says what is wrong
    and ends in the next step to take; `str()` is both. Neither quotes what looks like a private key.
    """

    field: str
    reason: str

    def __init__(self, field: str, reason: str) -> None:
        self.field = PRIVATE_KEY.sub("…", field)
        self.reason = PRIVATE_KEY.sub("…", reason)
        super().__init__(f"{self.field}: {self.reason}" if field else self.reason)


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put a place in front of the field of an error that comes through: a name, or a number as `[2]`."""
    try:
        yield
    except ScenarioError as error:
        dot = "." if error.field and not error.field.startswith("[") else ""
        raise ScenarioError(f"{place}{dot}{error.field}", error.reason) from None


def shown(value: object) -> str:
    """A value as an error message may quote it: short, and nothing inside a container."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    quoted = repr(value)
    return quoted if len(quoted) <= _LONGEST_QUOTE else f"something of {len(quoted)} characters"


def nearest(name: str, known: Collection[str]) -> str:
    """`did you mean 'x'? `, or nothing where no name is near."""
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]!r}? " if near else ""


def wrong(value: object, wanted: str) -> ScenarioError:
    """The error for a value of another type or out of bounds."""
    return ScenarioError("", f"it is {shown(value)}; give {wanted}")


def flag(value: object) -> bool:
    """True or false, no number that stands for it."""
    if not isinstance(value, bool):
        raise wrong(value, "true or false")
    return value


def integer(minimum: int = 0, maximum: int = LARGEST) -> Check[int]:
    """An integer within bounds, which are allowed themselves."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise wrong(value, f"an integer from {minimum} to {maximum}")
        return value

    return check


def number(minimum: float, maximum: float) -> Check[float]:
    """A finite number within bounds, which are allowed themselves."""

    def check(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise wrong(value, f"a number from {minimum:g} to {maximum:g}")
        return float(value)

    return check


def text(value: object) -> str:
    """A text; it may be empty."""
    if not isinstance(value, str):
        raise wrong(value, "a text in quotes")
    return value


def filled(value: object) -> str:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(value, "a text that is not blank")
    return value


def choice(known: Collection[str]) -> Check[str]:
    """One of the known texts; an error names them in their order, where they have one."""
    names = ", ".join(sorted(known) if isinstance(known, frozenset) else known)

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            hint = nearest(value, known) if isinstance(value, str) else ""
            raise ScenarioError("", f"it is {shown(value)}; {hint}choose one of: {names}")
        return value

    return check


def list_of(check: Check[T], least: int = 0, most: int | None = None) -> Check[tuple[T, ...]]:
    """A list, each item of which passes the check; so many items at least and at most."""

    def checked(value: object) -> tuple[T, ...]:
        items = tuple(_each(check, value))
        if len(items) < least or (most is not None and len(items) > most):
            raise ScenarioError("", f"it has {len(items)} items; give {least} to {most}")
        return items

    return checked


def _each(check: Check[T], value: object) -> Iterator[T]:
    if not isinstance(value, list):
        raise wrong(value, "a list in square brackets")
    for position, item in enumerate(value):
        with at(f"[{position}]"):
            yield check(item)


def set_of(check: Check[T]) -> Check[frozenset[T]]:
    """A list whose order does not matter."""
    return lambda value: frozenset(_each(check, value))


def table(value: object) -> Mapping[str, Any]:
    """A table with whatever fields."""
    if not isinstance(value, dict):
        raise wrong(value, "a table of fields")
    return value


def table_of(check: Check[T]) -> Check[dict[str, T]]:
    """A table with names that the author of the file chose; each value passes the check."""

    def checked(value: object) -> dict[str, T]:
        found = {}
        for key, item in table(value).items():
            with at(key):
                found[key] = check(item)
        return found

    return checked


def record(make: Callable[..., T], fields: Mapping[str, Check[Any]], required: Iterable[str] = ()) -> Check[T]:
    """A table of these fields: each is checked and handed to `make` by its name. Those not given are left to `make`."""

    def check(value: object) -> T:
        given = {}
        for key, item in table(value).items():
            with at(key):
                given[key] = _known(key, fields)(item)
        missing = next((key for key in required if key not in given), None)
        if missing is not None:
            raise ScenarioError(missing, "it is missing; add it")
        return make(**given)

    return check


def _known(key: str, fields: Mapping[str, Check[Any]]) -> Check[Any]:
    if key not in fields:
        raise ScenarioError(
            "", f"there is no such field; {nearest(key, fields)}the fields here are: {', '.join(fields)}"
        )
    return fields[key]


def require_distinct(place: str, field: str, values: Sequence[object]) -> None:
    """Raises `ScenarioError` where two entries of a list have the same value; None is no value."""
    first: dict[object, int] = {}
    for position, value in enumerate(values):
        if value is not None and first.setdefault(value, position) != position:
            raise ScenarioError(
                f"{place}[{position}].{field}", f"{place}[{first[value]}] has the same; give each its own, or drop one"
            )
