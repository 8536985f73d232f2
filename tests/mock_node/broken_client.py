"""A developer that makes mistakes, written with `ecdsa` alone: signs anything in any way and spells it in any way."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import ecdsa

from gonka_core.address import address_of
from gonka_mock_node.diagnosis import Evidence

NOW = 1_766_422_712_123_456_789
ORDER: int = ecdsa.SECP256k1.order
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
OTHER_NODE = "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5"
BODY = '{"model": "test", "messages": [{"role": "user", "content": "héllo <b>"}], "stream": false}'.encode()

Scheme = Literal["raw", "hash"]


def head(scheme: Scheme, body: bytes) -> bytes:
    return body if scheme == "raw" else hashlib.sha256(body).hexdigest().encode()


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def right_bytes(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def right_text(r: int, s: int) -> str:
    return base64.b64encode(right_bytes(r, s)).decode()


def right_message(broken: Broken) -> bytes:
    return head(broken.scheme, broken.body) + broken.signed_stamp + broken.provider.encode()


@cache
def signing_key(key: int) -> Any:
    return ecdsa.SigningKey.from_secret_exponent(key, curve=ecdsa.SECP256k1)


@cache
def numbers(key: int, digest: bytes) -> tuple[int, int]:
    """r and s over a digest, s low."""
    r, s = signing_key(key).sign_digest_deterministic(
        digest, hashfunc=hashlib.sha256, sigencode=lambda r, s, order: (r, min(s, order - s))
    )
    return r, s


@dataclass(frozen=True)
class Broken:
    """Right as it stands; `but` makes a mistake. `stamp` is the header, `signed_stamp` what the message holds."""

    scheme: Scheme = "raw"
    body: bytes = BODY
    key: int = 42
    stamp: str = str(NOW)
    signed_stamp: bytes = b"%d" % NOW
    provider: str = PROVIDER
    requester: str = ""
    message: Callable[[Broken], bytes] = right_message
    digest: Callable[[bytes], bytes] = sha256
    spell: Callable[[int, int], str] = right_text

    def but(self, **changes: Any) -> Broken:
        return replace(self, **changes)

    @property
    def signing_key(self) -> Any:
        return signing_key(self.key)

    @property
    def public_key(self) -> bytes:
        encoded: bytes = self.signing_key.verifying_key.to_string("compressed")
        return encoded

    @property
    def address(self) -> str:
        return address_of(self.public_key)

    def numbers(self) -> tuple[int, int]:
        """r and s, s low, over whatever is signed."""
        return numbers(self.key, self.digest(self.message(self)))

    def evidence(self, *, rule: str = "signature", known: bool = False, **changes: Any) -> Evidence:
        """As a node sees it; with `known` the chain has the account of the key."""
        found = Evidence(
            rule=rule,
            scheme=self.scheme,
            body=self.body,
            authorization=self.spell(*self.numbers()),
            requester=self.requester or self.address,
            timestamp_text=self.stamp,
            timestamp_ns=int(self.stamp) if self.stamp.isdigit() and int(self.stamp) < 2**63 else 0,
            block_time_ns=NOW + 1_000_000_000,
            provider_address=PROVIDER,
            other_providers=(OTHER_NODE,),
            public_key=self.public_key if known else None,
            known_accounts=frozenset({self.address} if known else ()),
        )
        return replace(found, **changes)
