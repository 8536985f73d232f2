"""Sabotaged signers, with the checks that must say so, and correct ones that no check may blame.

A biased or short nonce cannot be seen in a few hundred signatures; it is caught where RFC 6979 is claimed, which leaves
a signer no choice.
"""

from __future__ import annotations

from typing import Final

from gonka_conformance.signers import SignerSubject, installed_signer
from gonka_conformance.signers.checks import SIGNER_CHECKS
from gonka_core.hookspecs import SignerFactory
from sabotage.record import Correct, Sabotaged

from . import holding as h
from . import signing as s
from .correct import Handle, NonceSequence, Sound

DETERMINISTIC: Final = frozenset({"deterministic"})


def _sabotaged(
    factory: SignerFactory,
    caught_by: str,
    words: str,
    bug: str,
    alone: bool = False,
    claims: frozenset[str] = frozenset(),
) -> Sabotaged[SignerSubject]:
    name = getattr(factory, "__name__", "")
    return Sabotaged(
        name,
        bug,
        f"signer.{caught_by}",
        words,
        SIGNER_CHECKS,
        lambda: SignerSubject(name, factory, claims),
        alone,
    )


def _installed(name: str) -> Correct[SignerSubject]:
    return Correct(name, SIGNER_CHECKS, lambda: installed_signer(name))


def _correct(factory: SignerFactory) -> Correct[SignerSubject]:
    name = getattr(factory, "__name__", "")
    return Correct(name, SIGNER_CHECKS, lambda: SignerSubject(name, factory))


SABOTAGED: Final = (
    _sabotaged(s.HighS, "low-s", "above n/2 in 256 of 256", "never normalises s"),
    _sabotaged(
        s.SometimesHighS, "low-s", r"above n/2 in \d+ of 256", "leaves s as the library gave it: high in half of them"
    ),
    _sabotaged(s.Der, "size", r"7\d bytes instead of 64", "DER instead of r and s"),
    _sabotaged(s.Unpadded, "zero-leading", "it has 63 bytes", "drops leading zeros of r and s"),
    _sabotaged(s.TruncatedR, "zero-leading", "it has 63 bytes", "drops a leading zero of r"),
    _sabotaged(s.PaddedOnTheRight, "zero-leading", "above n/2|does not verify", "pads on the wrong side"),
    _sabotaged(
        s.RandomNonce,
        "deterministic",
        "more than one way",
        "draws the nonce by chance, and claims determinism",
        claims=DETERMINISTIC,
    ),
    _sabotaged(
        s.OtherNonce, "rfc6979", "where RFC 6979 gives", "deterministic, but not by RFC 6979", claims=DETERMINISTIC
    ),
    _sabotaged(s.DoubleHash, "verifies", "does not verify", "hashes the digest again"),
    _sabotaged(s.SwappedHalves, "verifies", "above n/2|does not verify", "s before r"),
    _sabotaged(s.Cached, "verifies", "does not verify", "returns its first signature for ever"),
    _sabotaged(
        s.SharedBuffer,
        "threads",
        r"(at full speed|line by line), \d+ of \d+ signatures are wrong",
        "one buffer for the results of all threads",
        alone=True,
    ),
    _sabotaged(h.KeyInRepr, "no-key-shown", r"repr: it shows the key \(hex\)", "key in its repr", alone=True),
    _sabotaged(
        h.KeyInError,
        "no-key-shown",
        r"the error for 0 bytes: it shows the key \(escapes\)",
        "key in the text of an error",
        alone=True,
    ),
    _sabotaged(
        h.KeyInCause, "no-key-shown", r"it shows the key \(decimal\)", "key in the cause of an error", alone=True
    ),
    _sabotaged(
        h.KeyInPickle, "pickle", r"it shows the key \(raw\)", "a plain object: pickle writes its key", alone=True
    ),
    _sabotaged(
        h.NumberInPickle, "pickle", r"it shows the key \((raw|decimal)\)", "key as an integer in its pickle", alone=True
    ),
    _sabotaged(h.UncompressedKey, "public-key", "but 65 bytes", "public key of 65 bytes"),
    _sabotaged(h.AlwaysEven, "public-key", "where the key has 03", "writes 02 before every public key"),
    _sabotaged(h.FillsUpDigests, "digest-length", "it signed 0 bytes", "fills up short digests", alone=True),
    _sabotaged(h.TakesHex, "digest-length", "it signed a str of 64 hex digits", "takes a digest in hex", alone=True),
    _sabotaged(h.DiesOfRefusal, "digest-length", "the session is closed", "is useless after a refusal", alone=True),
    _sabotaged(h.ReturnsBytearray, "size", "bytearray instead of bytes", "bytearray instead of bytes", alone=True),
    _sabotaged(h.WithRecoveryId, "size", "65 bytes instead of 64", "a recovery byte behind the signature"),
    _sabotaged(h.SharedKey, "own-key", "with two signers in use", "keeps its key on the class", alone=True),
    _sabotaged(
        h.RefusesLargeDigests, "extreme-digests", "out of range", "takes a digest for a number below n", alone=True
    ),
    _sabotaged(h.RefusesSmallKeys, "extreme-keys", "this key is weak", "refuses small keys"),
    _sabotaged(h.NoSignature, "size", "NoneType instead of bytes", "returns None"),
    _sabotaged(h.Exits, "size", "it raised SystemExit: 3", "ends the process"),
    _sabotaged(
        s.ShortNonce,
        "rfc6979",
        "where RFC 6979 gives",
        "a nonce of 128 bits, claimed to be that of RFC 6979",
        claims=DETERMINISTIC,
    ),
    _sabotaged(
        s.UnreducedDigest,
        "rfc6979",
        "for the digest f{8}",
        "nonce of a digest from n on that was not reduced",
        claims=DETERMINISTIC,
    ),
    _sabotaged(s.Reversed, "verifies", "above n/2|does not verify|not between", "numbers with the lowest byte first"),
    _sabotaged(
        s.WrongForOtherKeys,
        "vectors-signatures",
        "vector sign-",
        "wrong for keys that only the vectors hold",
        alone=True,
    ),
    _sabotaged(
        h.MisnamesOtherKeys, "vectors-keys", "vector address-", "wrong public key for keys that only the vectors hold"
    ),
)

CORRECT: Final = (
    _installed("ecdsa"),
    _installed("coincurve"),
    _installed("cryptography"),
    _correct(Sound),
    _correct(Handle),
    _correct(NonceSequence),
)
