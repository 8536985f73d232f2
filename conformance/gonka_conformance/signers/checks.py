"""The checks for signers."""

from __future__ import annotations

import itertools
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Final

from gonka_conformance import oracle, reference, vectors
from gonka_conformance.checks import CheckList, NotApplicable, fail
from gonka_conformance.leaks import WINDOW, spelling
from gonka_conformance.material import EXTREME_DIGESTS, EXTREME_KEYS, KEY, OTHER_KEY, SHORT, digest, digests
from gonka_conformance.races import turn_at_every_line
from gonka_core.interfaces import Signer

from .subject import SignerSubject

SIGNER_CHECKS: Final = CheckList[SignerSubject]("signer")

_public: Final = cache(reference.public_key)
_MANY: Final = 256
_THREADS: Final = 8
_UNTIL_SHORT: Final = 4096
"""Signatures after which one with a short r or s must have appeared: missing it has a chance below 10⁻⁶."""


@SIGNER_CHECKS.add(
    "size", "A signature is `bytes`, 64 of them: r, then s, 32 bytes big-endian each.", source="protocol.md §1.5"
)
def size(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    for each in digests(_MANY):
        signature: object = signer.sign_digest(each)
        if not isinstance(signature, bytes):
            fail(f"it returned {type(signature).__name__} instead of bytes")
        if len(signature) != 64:
            fail(f"it returned {len(signature)} bytes instead of 64 for the digest {each.hex()}")


@SIGNER_CHECKS.add("low-s", "s is at most n/2 in every signature.", source="protocol.md §1.5")
def low_s(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    signatures = [_sign(signer, each) for each in digests(_MANY)]
    high = sum(int.from_bytes(signature[32:], "big") > reference.HALF_N for signature in signatures)
    if high:
        fail(f"s is above n/2 in {high} of {_MANY} signatures; nodes answer 401 to these")


@SIGNER_CHECKS.add(
    "verifies",
    "Every signature is an ECDSA signature over the digest itself, which is not hashed again.",
    source="protocol.md §1.5",
)
def verifies(subject: SignerSubject) -> None:
    for secret in (KEY, OTHER_KEY):
        signer = subject.holding(secret)
        for each in digests(_MANY // 2):
            _judge(secret, each, _sign(signer, each))


@SIGNER_CHECKS.add(
    "deterministic",
    "The same key and digest give the same signature, from this signer and from a new one.",
    source="RFC 6979 §3.2",
    claim="deterministic",
)
def deterministic(subject: SignerSubject) -> None:
    first, second = subject.holding(KEY), subject.holding(KEY)
    for each in digests(32):
        if len({_sign(first, each), _sign(first, each), _sign(second, each)}) > 1:
            fail(f"it signed the digest {each.hex()} in more than one way")


@SIGNER_CHECKS.add(
    "rfc6979",
    "Signatures are those of RFC 6979 with HMAC-SHA-256, byte for byte, also for digests from n on.",
    source="RFC 6979 §3.2",
    claim="deterministic",
)
def rfc6979(subject: SignerSubject) -> None:
    for secret in (KEY, OTHER_KEY):
        signer = subject.holding(secret)
        for each in (*digests(32), *EXTREME_DIGESTS.values()):
            _require_equal(_sign(signer, each), reference.signature(secret, each), f"the digest {each.hex()}")


@SIGNER_CHECKS.add(
    "zero-leading",
    "A short r or s is padded with zero bytes on the left to 32 bytes.",
    source="protocol.md §1.5, §1.8",
    patience=600.0,
)
def zero_leading(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    chosen = map(digest, SHORT.values())
    short_r = short_s = False
    # Who signs by RFC 6979 meets every shape among the chosen digests; a random nonce needs a few hundred more.
    for number, each in enumerate(itertools.chain(chosen, digests(_UNTIL_SHORT))):
        if number >= len(SHORT) and short_r and short_s:
            return
        signature = _sign(signer, each)
        _judge(KEY, each, signature)
        short_r |= signature[0] == 0
        short_s |= signature[32] == 0
    fail(f"none of {_UNTIL_SHORT} signatures had a short r and a short s: its numbers are not those of ECDSA")


@SIGNER_CHECKS.add(
    "extreme-keys",
    "Keys at the edges (1, 2, n-1, 2^255, …) sign as any other.",
    source="SEC 1 §3.2.1, protocol.md §1.5",
)
def extreme_keys(subject: SignerSubject) -> None:
    for name, secret in EXTREME_KEYS.items():
        signer = subject.holding(secret)
        for each in digests(4):
            _judge(secret, each, _sign(signer, each), f"key {name}, ")


@SIGNER_CHECKS.add(
    "extreme-digests",
    "Digests at the edges (all zero, all ff, n-1, n, n+1, …) are signed as any other.",
    source="SEC 1 §4.1.3, RFC 6979 §2.3.4",
)
def extreme_digests(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    for name, each in EXTREME_DIGESTS.items():
        _judge(KEY, each, _sign(signer, each), f"digest {name}: ")


_NO_DIGESTS: Final[dict[str, Any]] = {
    "0 bytes": b"",
    "31 bytes": bytes(31),
    "33 bytes": bytes(33),
    "64 bytes": bytes(64),
    "a str of 32 characters": "0" * 32,
    "a str of 64 hex digits": "0" * 64,
    "None": None,
}


@SIGNER_CHECKS.add(
    "digest-length",
    "What is not a digest of 32 bytes is refused with an exception, and the signer goes on working.",
    source="the Signer protocol",
)
def digest_length(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    before = oracle.flaw(_public(KEY), digest(0), _sign(signer, digest(0)))
    for name, wrong in _NO_DIGESTS.items():
        if _refusal(signer, wrong) is None:
            fail(f"it signed {name}")
    after = oracle.flaw(_public(KEY), digest(0), _sign(signer, digest(0)))
    if after != before:
        fail(f"after these refusals its signatures are wrong: {after}")


@SIGNER_CHECKS.add(
    "public-key",
    "`public_key` is `bytes`: the 33 bytes of the compressed point of its key, the same at every look.",
    source="SEC 1 §2.3.3",
)
def public_key(subject: SignerSubject) -> None:
    for name, secret in {"ordinary": KEY, **EXTREME_KEYS}.items():
        signer = subject.holding(secret)
        _require_public_key(signer.public_key, _public(secret), f"key {name}")
        _sign(signer, digest(0))
        _require_public_key(signer.public_key, _public(secret), f"key {name}, after a signature")


@SIGNER_CHECKS.add(
    "own-key", "Signers of different keys, used in turn, each keep to their own key.", source="the Signer protocol"
)
def own_key(subject: SignerSubject) -> None:
    signers = {secret: subject.holding(secret) for secret in (KEY, OTHER_KEY)}
    for each in digests(8):
        for secret, signer in signers.items():
            _judge(secret, each, _sign(signer, each), "with two signers in use, ")
            _require_public_key(signer.public_key, _public(secret), "with two signers in use")


@SIGNER_CHECKS.add(
    "no-key-shown",
    f"`repr`, `str`, `format` and the text of its errors show no {WINDOW} consecutive bytes of the key.",
    source="protocol.md §14, client rule 7",
)
def no_key_shown(subject: SignerSubject) -> None:
    signer = subject.holding(KEY)
    shown: dict[str, bytes | str] = {"repr": repr(signer), "str": str(signer), "format": f"{signer}"}
    for name, wrong in _NO_DIGESTS.items():
        shown[f"the error for {name}"] = "\n".join(_texts(_refusal(signer, wrong)))
    if subject.overheard is not None:
        _sign(subject.holding(KEY), digest(0))
        shown |= subject.overheard()
    for where, text in shown.items():
        _require_no_key(text, where)


@SIGNER_CHECKS.add(
    "pickle",
    f"Pickling is refused, or what is written holds no {WINDOW} consecutive bytes of the key.",
    source="protocol.md §14, client rule 7",
)
def pickled(subject: SignerSubject) -> None:
    _require_object(subject, "it is a program, and those are not pickled")
    signer = subject.holding(KEY)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            written = pickle.dumps(signer, protocol)
        except Exception as error:  # noqa: BLE001 - a refusal of any kind is one
            written = "\n".join(_texts(error)).encode("utf-8", "replace")
        _require_no_key(written, f"pickle protocol {protocol}")


@SIGNER_CHECKS.add(
    "threads",
    f"{_THREADS} threads that share a signer get right signatures only, however they take turns.",
    source="the Signer protocol",
)
def threads(subject: SignerSubject) -> None:
    _require_object(subject, "it is a program, which is asked one thing after the other")
    # At full speed for libraries that let go of the interpreter, then line by line for what is written in Python.
    for way, turns, each in (("at full speed", nullcontext, 200), ("line by line", turn_at_every_line, 4)):
        signed = _signed_by_threads(subject.holding(KEY), turns, each)
        flaws = [flaw for digest, signature in signed if (flaw := oracle.flaw(_public(KEY), digest, signature))]
        if flaws:
            fail(f"{way}, {len(flaws)} of {len(signed)} signatures are wrong; of the first, {flaws[0]}")


def _signed_by_threads(
    signer: Signer, turns: Callable[[], AbstractContextManager[None]], each: int
) -> list[tuple[bytes, bytes]]:
    start = threading.Barrier(_THREADS)

    def work(thread: int) -> list[tuple[bytes, bytes]]:
        start.wait(timeout=30)
        with turns():
            return [(wanted, _sign(signer, wanted)) for wanted in digests(each, start=thread * each)]

    with ThreadPoolExecutor(_THREADS) as pool:
        return [pair for batch in pool.map(work, range(_THREADS)) for pair in batch]


@SIGNER_CHECKS.add("vectors-keys", "Public keys are those of `address.json`.", source="vectors/address.json")
def vectors_keys(subject: SignerSubject) -> None:
    for vector in vectors.addresses():
        _require_public_key(subject.holding(vector.private_key).public_key, vector.public_key, f"vector {vector.id}")


@SIGNER_CHECKS.add(
    "vectors-signatures",
    "The digests of `sign.json` are signed; byte for byte alike where determinism is claimed.",
    source="vectors/sign.json",
)
def vectors_signatures(subject: SignerSubject) -> None:
    for vector in vectors.signatures():
        signature = _sign(subject.holding(vector.private_key), vector.digest)
        where = f"vector {vector.id} ({vector.category})"
        _judge(vector.private_key, vector.digest, signature, f"{where}, ")
        if "deterministic" in subject.claims:
            _require_equal(signature, vector.r + vector.s, where)


def _sign(signer: Signer, each: bytes) -> bytes:
    """What the signer returns, as bytes: `size` alone is concerned with the type."""
    signature: object = signer.sign_digest(each)
    if not isinstance(signature, bytes | bytearray | memoryview):
        fail(f"it returned {type(signature).__name__} instead of bytes")
    return bytes(signature)


def _judge(secret: bytes, each: bytes, signature: bytes, where: str = "") -> None:
    flaw = oracle.flaw(_public(secret), each, signature)
    if flaw:
        fail(f"{where}digest {each.hex()}: {flaw}; it returned {signature.hex()}")


def _require_equal(found: bytes, expected: bytes, where: str) -> None:
    if found != expected:
        fail(f"for {where} it returned {found.hex()} where RFC 6979 gives {expected.hex()}")


def _require_public_key(found: object, expected: bytes, where: str) -> None:
    if not isinstance(found, bytes):
        fail(f"{where}: it is {type(found).__name__} instead of bytes")
    if len(found) != 33 or found[0] not in (2, 3):
        fail(f"{where}: it is not 33 bytes beginning with 02 or 03, but {len(found)} bytes")
    if found != expected:
        fail(f"{where}: it is {found.hex()} where the key has {expected.hex()}")


def _require_object(subject: SignerSubject, otherwise: str) -> None:
    if subject.overheard is not None:
        raise NotApplicable(otherwise)


def _require_no_key(data: bytes | str, where: str) -> None:
    form = spelling(data, KEY)
    if form:
        fail(f"{where}: it shows the key ({form})")


def _refusal(signer: Signer, wrong: Any) -> Exception | None:
    try:
        signer.sign_digest(wrong)
    except Exception as error:  # noqa: BLE001 - any exception refuses
        return error
    return None


def _texts(error: BaseException | None) -> Iterator[str]:
    """The words of an error and of those that it came from."""
    while error is not None:
        yield from (str(error), repr(error), *getattr(error, "__notes__", ()))
        error = error.__cause__ or error.__context__
