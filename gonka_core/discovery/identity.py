"""What a node says of itself on `/v1/identity` (`protocol.md` §6.2), and whether its account signed that.

The signature is made over the compact JSON of `data`, with the node's signing key. That may be a warm key, which the
account has authorised and which nothing here knows: a signature of another key is therefore no contradiction, and a
signature that verifies says more than one that does not.

`Verify` takes the public key (33 bytes, compressed), the digest (32 bytes) and the signature (64 bytes r‖s), and says
whether it verifies; by default that is asked of python-ecdsa.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from gonka_core import accounts
from gonka_core.address import address_of, parse_address
from gonka_core.asking import Asking
from gonka_core.endpoints import Endpoint
from gonka_core.errors import DiscoveryError, InvalidAddressError
from gonka_core.limits import OverLimitError, parse_object
from gonka_core.numbers import whole
from gonka_core.steps import Steps

from .choosing import Choice
from .signed import verifies
from .urls import Reach, reach_of, refused

PATH: Final = "/v1/identity"
MOST_DELEGATES: Final = 1_000

Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]
Signed: TypeAlias = Literal["verified", "other-key", "key-unknown", "unsigned"]
"""How far the account stands behind it.

    verified      the account's own key signed it
    other-key     another key did: a warm key of the account, or anybody's
    key-unknown   nobody told the account's public key, or it published none
    unsigned      there is no signature of 64 bytes
"""

_STEP: Final = "give the provider address yourself (url;address), or ask another node"
_GO_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What a node says: its provider address, the block and time of the statement (None where they are not told).

    `delegates`: base URL to address, as told, of nodes that pass requests on for it. `message`: the bytes that are
    signed; `signature`: 64 bytes r‖s, None where there is none. `signed`: what is known of it.
    """

    address: str
    block: int | None
    timestamp: str | None
    delegates: Mapping[str, str] = field(default_factory=dict)
    message: bytes = field(default=b"", repr=False)
    signature: bytes | None = field(default=None, repr=False)
    signed: Signed = "key-unknown"

    @property
    def digest(self) -> bytes:
        """32 bytes: SHA-256 of the message."""
        return hashlib.sha256(self.message).digest()

    def delegated(self, reach: Reach = "public", weight: int = 1, models: frozenset[str] | None = None) -> Choice:
        """The delegates as endpoints. Requests to them are signed for this node's own address (`protocol.md` §6.2)."""
        endpoints: list[Endpoint] = []
        left_out: dict[str, str] = {}
        for url in self.delegates:
            reason = refused(url, reach)
            if reason is None:
                endpoints.append(Endpoint(url, self.address, weight=weight, models=models))
            else:
                left_out[url] = reason
        return Choice(tuple(dict.fromkeys(endpoints)), left_out)


def read(body: bytes) -> Identity:
    """The identity in the body of an answer, in any of its shapes. Raises `DiscoveryError`."""
    try:
        told = parse_object(body)
    except OverLimitError as over:
        raise DiscoveryError(f"it sent {over}", _STEP) from None
    data = told.get("data") if told is not None else None
    if told is None or not isinstance(data, dict):
        raise DiscoveryError("its answer has no data", _STEP)
    timestamp, signature = data.get("timestamp"), _signature(told.get("signature"))
    return Identity(
        address=_address(data.get("address")),
        block=whole(data.get("block")),
        timestamp=timestamp if isinstance(timestamp, str) else None,
        delegates=_delegates(data),
        message=_compact(data),
        signature=signature,
        signed="unsigned" if signature is None else "key-unknown",
    )


def judged(identity: Identity, public_key: bytes | None, verify: Verify) -> Identity:
    """The same, with what the account's public key (33 bytes, None where it is not known) says of the signature.

    Raises ValueError for the key of another account: whoever told it, an address is the hash of its key.
    """
    if public_key is not None and address_of(public_key) != identity.address:
        raise ValueError("the public key belongs to another account")
    signed: Signed = "unsigned"
    if identity.signature is not None:
        signed = "key-unknown" if public_key is None else _verdict(identity, public_key, identity.signature, verify)
    return replace(identity, signed=signed)


def identify(
    source: str,
    others: Sequence[str],
    seconds: Callable[[], float],
    verify: Verify = verifies,
    timeout_s: float = 10.0,
) -> Steps[Identity]:
    """Who the node at `source` (base URL without `/v1`) is, with its signature judged.

    The account's key is read from the node itself or, where it does not tell, from the `others`. Raises
    `DiscoveryError` where the node does not say who it is; nodes before v0.2.6 have no such route.
    """
    places = (source, *others)
    asking = Asking.within(seconds, timeout_s)
    _, own = next(asking.shared((source,), spare=1))
    identity = read((yield from own.require(source, PATH)))
    if identity.signature is None:
        return identity
    for place, part in asking.shared(places):
        key = yield from _key_of(part, place, identity.address)
        if key is not None:
            return judged(identity, key, verify)
    return identity


def delegates_of(identity: Identity, source: str, private: bool | None = None) -> Choice:
    """`Identity.delegated`, as far as the node at `source` may reach; `private` as in `Network`."""
    return identity.delegated(reach_of(source, private))


def _key_of(asking: Asking, place: str, address: str) -> Steps[bytes | None]:
    for path in accounts.routes(address):
        account = accounts.account_of(address, (yield from asking.read(place, path)).content)
        if account is not None and account.public_key is not None and _belongs(account.public_key, address):
            return account.public_key
    return None


def _belongs(public_key: bytes, address: str) -> bool:
    try:
        return address_of(public_key) == address
    except ValueError:
        return False


def _verdict(identity: Identity, public_key: bytes, signature: bytes, verify: Verify) -> Signed:
    return "verified" if verify(public_key, identity.digest, signature) else "other-key"


def _address(told: Any) -> str:
    if not isinstance(told, str):
        raise DiscoveryError("its answer has no data.address", _STEP)
    try:
        parse_address(told, what="provider address")
    except InvalidAddressError as error:
        raise DiscoveryError(f"it tells an address that is none ({error.problem})", _STEP) from None
    return told.lower()


def _signature(told: Any) -> bytes | None:
    try:
        raw = base64.b64decode(told, validate=True) if isinstance(told, str) else b""
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 64 else None


def _delegates(data: Mapping[str, Any]) -> dict[str, str]:
    """Shape B is an object of URL to address, shape C a list of objects; whatever is neither names nobody."""
    mapped, listed = data.get("delegate_ta"), data.get("delegate_tas")
    pairs: list[tuple[Any, Any]] = list(mapped.items()) if isinstance(mapped, dict) else []
    for row in listed if isinstance(listed, list) else []:
        pairs += [(row.get("url"), row.get("warm_key_address"))] if isinstance(row, dict) else []
    named = [(url, address) for url, address in pairs if isinstance(url, str) and isinstance(address, str)]
    return dict(named[:MOST_DELEGATES])


def _compact(data: Mapping[str, Any]) -> bytes:
    """The bytes that Go's encoder makes of it: in the order in which it stands, and with its escapes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_GO_ESCAPES.get(character, character) for character in text).encode("utf-8", "surrogatepass")
