"""Values that have a meaning on the network: addresses, public keys, instants, hosts. And what no scenario may hold."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from gonka_core.address import parse_address
from gonka_core.errors import InvalidAddressError
from gonka_mock_node.curve import is_point

from .schema import LARGEST, PRIVATE_KEY, Check, ScenarioError, table, text, wrong

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_LONGEST_HOST: Final = 253
_PUBLIC_KEY: Final = re.compile(r"[0-9A-Fa-f]{66}", re.ASCII)
_KEY_NAMES: Final = frozenset({"privatekey", "privatekeyhex", "secretkey", "mnemonic", "seedphrase"})
_NO_KEY: Final = "this looks like a private key, and the mock node needs none; take it out and give the public key"


def require_harmless(value: object) -> None:
    """Raises `ScenarioError` for what belongs nowhere in a scenario.

    That is a private key, which is not quoted; numbers beyond 64 bits; NaN and infinity; halves of surrogate pairs.
    """
    pending: list[tuple[str, object]] = [("", value)]
    while pending:
        place, item = pending.pop()
        flaw = _flaw(item)
        if flaw:
            raise ScenarioError(place, flaw)
        pending += _inside(place, item)


def _flaw(item: object) -> str:
    if isinstance(item, str):
        if PRIVATE_KEY.fullmatch(item.strip()):
            return _NO_KEY
        surrogate = any("\ud800" <= character <= "\udfff" for character in item)
        return "it has half of a surrogate pair, which is no character; write the character itself" if surrogate else ""
    if isinstance(item, int) and abs(item) > LARGEST:
        return "the number has more than 64 bits; give a smaller one, and put what is no number in quotes"
    if isinstance(item, float) and not math.isfinite(item):
        return "it is no finite number; give one"
    return ""


def _inside(place: str, item: object) -> Iterator[tuple[str, object]]:
    if isinstance(item, list):
        yield from ((f"{place}[{position}]", inner) for position, inner in enumerate(item))
    if isinstance(item, dict):
        for name, inner in item.items():
            path = f"{place}.{name}".lstrip(".")
            if re.sub(r"[^a-z]", "", name.lower()) in _KEY_NAMES:
                raise ScenarioError(path, _NO_KEY)
            yield path, name
            yield path, inner


def address(value: object) -> str:
    """An account address of the network, as it is written."""
    try:
        parse_address(text(value))
    except InvalidAddressError as error:
        raise ScenarioError("", str(error)) from None
    return text(value)


def address_or_empty(value: object) -> str:
    """An address, or nothing: such participants occur (`protocol.md` §6.6)."""
    return "" if value == "" else address(value)


def public_key(value: object) -> bytes:
    """A compressed public key, 33 bytes, in base64 or hex; a point of the curve."""
    given = text(value)
    key = bytes.fromhex(given) if _PUBLIC_KEY.fullmatch(given) else _from_base64(given)
    if not is_point(key):
        raise ScenarioError(
            "",
            "it is no public key; give the compressed key (33 bytes) in base64 (44 characters) or hex (66 digits): "
            "`gonka address` prints it",
        )
    return key


def base64_of(size: int) -> Check[bytes]:
    """So many bytes in base64."""

    def check(value: object) -> bytes:
        data = _from_base64(text(value))
        if len(data) != size:
            raise wrong(value, f"{size} bytes in base64")
        return data

    return check


def _from_base64(given: str) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""


def instant(value: object) -> int:
    """Nanoseconds since 1970: as an integer, as a time with its zone in TOML, or as such a text (RFC 3339)."""
    nanoseconds = value if isinstance(value, int) and not isinstance(value, bool) else _nanoseconds(value)
    if nanoseconds is None or not 0 <= nanoseconds <= LARGEST:
        raise wrong(value, "nanoseconds since 1970, or a time with its zone such as 2026-02-12T00:00:00Z")
    return nanoseconds


def _nanoseconds(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def host(value: object) -> str:
    """A name or an IP address to listen on."""
    given = text(value)
    try:
        ipaddress.ip_address(given)
    except ValueError:
        if len(given) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in given.split(".")):
            raise wrong(value, "a host name or an IP address, such as 127.0.0.1") from None
    return given


def json_text(value: object) -> str:
    """JSON: a text is taken as it stands, right or wrong; a table is written out."""
    return value if isinstance(value, str) else json.dumps(table(value), ensure_ascii=False, default=_time_text)


def _time_text(value: date | time) -> str:
    return value.isoformat()
