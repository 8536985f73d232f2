"""Why no account was found: the rule `account` (`protocol.md` §3.4, §8).

What is looked at is `X-Requester-Address`. The signature helps to name the right address where it proves a key, and is
never blamed: an account may be missing while everything that the client did is right.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from gonka_core.address import PREFIX, parse_address
from gonka_core.errors import InvalidAddressError
from gonka_mock_node import verification
from gonka_mock_node.curve import CURVE
from gonka_mock_node.diagnosis.keccak import keccak_256

from . import addresses
from .evidence import Diagnosis, Evidence
from .header import read_header
from .wording import shown

_FORTY: Final = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{40})")
_HEX_KEY: Final = re.compile(r"(?:0[xX])?((?:0[23][0-9A-Fa-f]{64})|(?:04[0-9A-Fa-f]{128}))")
_SIXTY_FOUR: Final = re.compile(r"(?:0[xX])?[0-9A-Fa-f]{64}")
_DECORATION: Final = "\"'`<>, \t"
_LONGEST: Final = 1024
_OWN: Final = "Send the account address of the key that signs; `gonka address` prints it."


def diagnose_account(evidence: Evidence) -> Diagnosis:
    """What is wrong with the address, or with the account behind it."""
    text = evidence.requester.strip()
    if not text:
        return _wrong("address-missing", "The X-Requester-Address header is missing or empty.", None)
    if len(text) > _LONGEST:
        return _malformed()
    if addresses.parsed(text) is not None:
        return _account_lacks(evidence, text)
    return _other_prefix(text) or _public_key(text) or _hex(evidence, text) or _misspelled(text) or _malformed()


def _account_lacks(evidence: Evidence, text: str) -> Diagnosis:
    signer = next((key for key in _signers(evidence) if key in evidence.known_accounts), None)
    if signer is not None and signer != text.lower():
        return Diagnosis(
            ("another-key",),
            f"X-Requester-Address names {shown(text)}; the signature was made with the key of {signer}, which is on "
            "the chain.",
            f"Send X-Requester-Address: {signer}, or sign with the key of {shown(text)} once that account is usable.",
            True,
        )
    if text.lower() in evidence.known_accounts:
        return _unpublished(text)
    return Diagnosis(
        ("account-unknown",),
        f"The address {shown(text)} is well-formed, and the chain has no such account. The node looked no further, so "
        "this says nothing about the signature.",
        "Check that the address is the one of your key; `gonka address` prints it. If it is, send coins to it, which "
        "creates the account, and publish its key (`inferenced publish-pubkey`, or any transaction of its own); on a "
        "mock node fund the account.",
        True,
    )


def _unpublished(text: str) -> Diagnosis:
    return Diagnosis(
        ("key-not-published",),
        f"The account {shown(text)} exists, and its public key is not on the chain: receiving coins does not put it "
        "there, so no node can verify what the account signs.",
        "Make one transaction with the account: `inferenced publish-pubkey --from NAME --node URL/chain-rpc/`, or a "
        "transfer to itself from a wallet; on a mock node fund the account by its public key.",
        True,
    )


def _other_prefix(text: str) -> Diagnosis | None:
    prefix = text.rpartition("1")[0].lower()
    try:
        account = parse_address(text, prefixes=(prefix,))
    except InvalidAddressError:
        return None
    if prefix.endswith("pub") and len(account) >= 33:
        return _of_key(account[-33:])
    right = addresses.address(account) if len(account) in (20, 32) else None
    if prefix == f"{PREFIX}valoper":
        return _wrong("address-valoper", "X-Requester-Address holds a validator (operator) address.", right)
    if prefix == PREFIX:
        return _malformed()
    text = f"X-Requester-Address begins with {shown(prefix)!r}, which is not the prefix of accounts of this network."
    return _wrong("address-prefix", text, right)


def _public_key(text: str) -> Diagnosis | None:
    match = _HEX_KEY.fullmatch(text)
    try:
        raw = bytes.fromhex(match[1]) if match else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return _of_key(raw) if len(raw) in (33, 65) else None


def _of_key(raw: bytes) -> Diagnosis | None:
    try:
        key = CURVE.compressed(raw)
    except ValueError:
        return None
    right = addresses.address(addresses.account_of(key))
    return _wrong("address-public-key", "X-Requester-Address holds a public key in place of its address.", right)


def _hex(evidence: Evidence, text: str) -> Diagnosis | None:
    if _SIXTY_FOUR.fullmatch(text):
        words = "X-Requester-Address holds 64 hex digits, which is the length of a private key and of no address."
        wrong = _wrong("address-key-material", words, None)
        step = f"If that is a private key, treat it as published and replace it. {wrong.next_step}"
        return Diagnosis(wrong.mistakes, wrong.explanation, step, True)
    match = _FORTY.fullmatch(text)
    return _forty_digits(evidence, bytes.fromhex(match[1]), prefixed=text != match[1]) if match else None


def _forty_digits(evidence: Evidence, twenty: bytes, *, prefixed: bool) -> Diagnosis:
    """20 bytes in hex: the account of this network, or an Ethereum address; the signature may tell which."""
    as_account = addresses.address(twenty)
    for key in _recovered(evidence):
        if keccak_256(CURVE.uncompressed(key)[1:])[12:] == twenty:
            return _ethereum(addresses.address(addresses.account_of(key)), certain=True)
        if addresses.account_of(key) == twenty:
            return _wrong("address-hex", "X-Requester-Address holds the account in hex.", as_account)
    if as_account in evidence.known_accounts:
        return _wrong("address-hex", "X-Requester-Address holds the account in hex.", as_account)
    if prefixed:
        return _ethereum(None, certain=False)
    words = "X-Requester-Address holds 20 bytes in hex, where the bech32 form belongs."
    return Diagnosis(("address-hex",), words, f"If they are the account's, send {as_account}. {_OWN}", False)


def _ethereum(right: str | None, *, certain: bool) -> Diagnosis:
    words = (
        "X-Requester-Address holds an Ethereum address, which is derived from the public key in another way and cannot "
        "be converted."
    )
    return Diagnosis(("address-ethereum",), words, _send(right), certain)


def _misspelled(text: str) -> Diagnosis | None:
    bare = text.strip(_DECORATION)
    if bare != text and addresses.parsed(bare) is not None:
        return _wrong("address-decorated", "X-Requester-Address has quotes or other signs around it.", bare)
    if addresses.parsed(text.lower()) is not None:
        return _wrong("address-mixed-case", "X-Requester-Address mixes capitals and small letters.", text.lower())
    if re.fullmatch(rf"{PREFIX}1[0-9a-z]+", text.lower()):
        words = "X-Requester-Address looks like an address, but its checksum is wrong: a character is wrong or missing."
        return _wrong("address-checksum", words, None)
    return None


def _malformed() -> Diagnosis:
    return _wrong("address-malformed", f"X-Requester-Address holds no address; one begins with {PREFIX}1.", None)


def _wrong(mistake: str, words: str, right: str | None) -> Diagnosis:
    return Diagnosis((mistake,), words, _send(right), True)


def _send(right: str | None) -> str:
    return _OWN if right is None else f"Send X-Requester-Address: {right}."


def _signers(evidence: Evidence) -> Iterator[str]:
    for key in _recovered(evidence):
        yield addresses.address(addresses.account_of(key))


def _recovered(evidence: Evidence) -> Iterator[bytes]:
    """The keys (33 bytes) under which the header is a signature over the node's own message."""
    digest = verification.message_digest(
        evidence.scheme, evidence.body, evidence.timestamp_ns, evidence.provider_address
    )
    for reading in read_header(evidence.authorization).readings:
        try:
            yield from CURVE.recovery(reading.r, reading.s).keys(digest)
        except ValueError:
            continue
