"""JSON text, written and read: the same with orjson (the extra `fast`) as without, only sooner.

orjson is used where its answer is known to be that of the standard library. It differs in numbers (it writes 0.00001
for 1e-05 and null for NaN, and reads an integer beyond 64 bits as a float) and in what it accepts (it writes
dataclasses, and reads no lone surrogates). Such values go the standard library's way, and so does whatever orjson
refuses, so that what is refused is the same too.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, NoReturn

_SAME_FLOATS: Final = (1e-4, 1e16)
"""Between these both write a float without an exponent."""
_SAME_INTEGERS: Final = range(-(2**63), 2**64)
_LONG_NUMBER: Final = b"0" * 19
_DIGITS: Final = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))
_EXACT: Final = frozenset((str, bool, type(None), dict, list))


def dumps(value: object, *, alike: bool = False) -> bytes:
    """Compact JSON in UTF-8. `alike`: the caller knows that `written_alike` holds for every value in it.

    Raises TypeError, ValueError (NaN, Infinity, half of a surrogate pair) or RecursionError for what is not JSON.
    """
    fast = _orjson() if alike else None
    if fast is not None:
        try:
            return fast.dumps(value)  # type: ignore[no-any-return]
        except TypeError:
            pass  # the standard library may do it, or says in its own words why not
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def written_alike(value: object) -> bool:
    """Whether both ways write this one value alike; of an array or object nothing is said about what is in it."""
    kind = type(value)
    if kind in _EXACT:
        return True
    if kind is int:
        return value in _SAME_INTEGERS
    return (
        isinstance(value, float) and kind is float and (value == 0 or _SAME_FLOATS[0] <= abs(value) < _SAME_FLOATS[1])
    )


def loads(data: bytes) -> Any:
    """The value of JSON in UTF-8, with or without a byte order mark. NaN and Infinity are none.

    Of a member given twice the last one counts; integers may have up to 4,300 digits. Raises ValueError or
    RecursionError for anything else.
    """
    fast = _orjson()
    if fast is not None and _LONG_NUMBER not in data.translate(_DIGITS):
        try:
            return fast.loads(data)
        except ValueError:
            pass  # the standard library reads more
    return _READER.decode(data.decode("utf-8-sig"))


@cache
def _orjson() -> Any:
    """The library, or None where it is not installed. Imported at first use: it is not light."""
    try:
        import orjson
    except ImportError:
        return None
    return orjson


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_READER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
