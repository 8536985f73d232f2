"""Clients that sign wrong: other bytes, other times, other spellings."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping

from coincurve.utils import GROUP_ORDER_INT

from .honest import NS, CallFailed, Endpoint, Program


class OneTimestamp(Program):
    """One for the whole process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.taken = time.time_ns()

    def timestamp(self) -> int:
        return self.taken


class TimestampAtImport(Program):
    """Unique, and as old as the process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.taken = time.time_ns()

    def timestamp(self) -> int:
        with self.lock:
            self.taken += 1
            return self.taken


class Milliseconds(Program):
    def timestamp(self) -> int:
        return super().timestamp() // 10**6


class Microseconds(Program):
    def timestamp(self) -> int:
        return super().timestamp() // 10**3


class TimestampOverflows(Program):
    """A 32-bit counter of nanoseconds behind the seconds of the start: it turns over every few seconds."""

    def timestamp(self) -> int:
        with self.lock:
            self.last_ns = (self.last_ns + 1) % 64
            return time.time_ns() // NS * NS + self.last_ns % 8


class SameRequestAgain(Program):
    """A repeat by the HTTP library below: the same headers once more."""

    kept: dict[str, str] | None = None

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        self.kept = self.kept or super().headers(endpoint, body)
        return self.kept

    def may_repeat(self, error: CallFailed, endpoint: Endpoint) -> bool:
        if error.status == 401:
            self.kept = None
        return super().may_repeat(error, endpoint) or error.status == 400


class OldProvider(Program):
    """After fail-over the signature still is for the first provider."""

    def message(self, body: bytes, stamp: int, provider: str) -> bytes:
        self.first = getattr(self, "first", provider)
        return super().message(body, stamp, self.first)


class NoProvider(Program):
    def message(self, body: bytes, stamp: int, provider: str) -> bytes:
        return super().message(body, stamp, "")


class HighS(Program):
    def signature(self, message: bytes) -> bytes:
        right = super().signature(message)
        s = int.from_bytes(right[32:], "big")
        return right[:32] + (GROUP_ORDER_INT - s).to_bytes(32, "big") if right[0] & 1 else right


class Unpadded(Program):
    """Numbers as their shortest bytes, one after the other. The first request is stamped until that shows."""

    def signature(self, message: bytes) -> bytes:
        right = super().signature(message)
        return right[:32].lstrip(b"\0") + right[32:].lstrip(b"\0")

    def timestamp(self) -> int:
        stamp = super().timestamp()
        for _ in range(20_000 if self.first() else 0):
            signed = self.signature(self.message(self.payload(), stamp, self.environ["GONKA_PROVIDER_ADDRESS"]))
            if len(signed) < 64:
                break
            stamp = super().timestamp()
        return stamp

    def first(self) -> bool:
        self.calls = getattr(self, "calls", 0) + 1
        return self.calls == 1


class UrlSafe(Program):
    def encoded(self, signature: bytes) -> str:
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")


class DoubleHash(Program):
    def signature(self, message: bytes) -> bytes:
        return super().signature(hashlib.sha256(message).digest())


class SharedSignature(Program):
    """Calls at the same time share the headers that the first one made."""

    def headers(self, endpoint: Endpoint, body: bytes) -> dict[str, str]:
        with self.lock:
            if not hasattr(self, "shared"):
                self.scheme, stamp = "hash", time.time_ns()
                signed = self.encoded(self.signature(self.message(body, stamp, endpoint[1])))
                self.shared = {
                    "Content-Type": "application/json",
                    "Authorization": signed,
                    "X-Requester-Address": self.address,
                    "X-Timestamp": str(stamp),
                }
            return self.shared


class Forgetful(Program):
    """Finds out the scheme anew for each call."""

    def call(self, body: bytes, endpoints: list[Endpoint]) -> str:
        self.scheme = "raw"
        return super().call(body, endpoints)


class OneScheme(Program):
    def may_repeat(self, error: CallFailed, endpoint: Endpoint) -> bool:
        return error.status != 401 and super().may_repeat(error, endpoint)


class HashOnly(Program):
    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.scheme = "hash"


class EscapesWhenSigning(Program):
    """Signs JSON with escapes, and sends it in UTF-8: right as long as everything is ASCII."""

    def message(self, body: bytes, stamp: int, provider: str) -> bytes:
        plain = body.decode()
        return super().message(
            "".join(c if c < "\x7f" else f"\\u{ord(c):04x}" for c in plain).encode(), stamp, provider
        )


class SignsReadsWrong(Program):
    """Reads are signed without need, and over another body than none."""

    def reading_headers(self) -> dict[str, str]:
        return self.headers(("", "gonka1nobody"), b"{}")
