"""Why a signature does not verify: the rule `signature`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_mock_node.curve import is_point

from . import addresses
from .evidence import Diagnosis, Evidence
from .header import Header, read_header
from .messages import Candidates, Message
from .search import Combination, Known, Outcome, search
from .stamps import flaw
from .wording import describe, shown

_RULES: Final = {
    "raw": "body ‖ timestamp ‖ provider address",
    "hash": "lower-case hex of SHA-256(body) ‖ timestamp ‖ provider address",
}
COMPARE: Final = (
    "Compare step by step: `digest` in the node's log line is SHA-256 of the message that it verified, `body_sha256` "
    "that of the body. `gonka sign` prints both for a payload of yours, `gonka verify` judges a signature, and the "
    "vectors of the conformance kit hold the value of every step."
)


def diagnose_signature(evidence: Evidence, known: Known) -> tuple[Diagnosis, tuple[Combination, ...]]:
    """What is wrong with the signature, and, where that is not found, the accounts that would explain it."""
    header = read_header(evidence.authorization)
    candidates = Candidates(evidence)
    outcome = search(
        header.readings, candidates, wanted=signing_account(evidence), known=known, requester=evidence.requester
    )
    if outcome.fit is None:
        return _not_found(evidence, header, outcome), outcome.seen
    return _found(evidence, header, outcome.fit, candidates.right), ()


def signing_account(evidence: Evidence) -> bytes | None:
    """20 bytes: of the account's public key where the chain knows it, otherwise of the address."""
    if evidence.public_key is not None and is_point(evidence.public_key):
        return addresses.account_of(evidence.public_key)
    return addresses.parsed(evidence.requester)


def _found(evidence: Evidence, header: Header, fit: Combination, right: Message) -> Diagnosis:
    mistakes = fit.mistakes
    if fit.account not in (signing_account(evidence), addresses.parsed(evidence.requester)):
        mistakes = (*mistakes, "another-key")
    if not mistakes:
        return _nothing_wrong()
    facts = {**_facts(evidence, header), **_details(fit.message), "signer": addresses.address(fit.account)}
    explanation, step = describe(mistakes, facts)
    signed = fit.message.joined()
    return Diagnosis(mistakes, explanation, step, True, None if signed == right.joined() else signed)


def _not_found(evidence: Evidence, header: Header, outcome: Outcome) -> Diagnosis:
    visible = (*header.visible, *flaw(evidence.timestamp_text, evidence.timestamp_ns, evidence.block_time_ns))
    signers = dict.fromkeys(addresses.address(seen.account) for seen in outcome.seen if seen.right)
    if visible:
        return _visible_only(evidence, header, visible, tuple(signers))
    if signers:
        hidden = next(seen.reading.mistakes for seen in outcome.seen if seen.right)
        return Diagnosis((*hidden, "another-key"), _guess(tuple(signers)), _guess_step(evidence), False)
    return Diagnosis(
        ("unknown",),
        "The first half of the signature is no r of the curve secp256k1: whatever was signed, this is no signature of "
        "r and s under any key, so the curve is another one (such as P-256 or Ed25519), or the bytes were damaged.",
        COMPARE,
        False,
    )


def _visible_only(evidence: Evidence, header: Header, visible: tuple[str, ...], signers: tuple[str, ...]) -> Diagnosis:
    """Mistakes that show by themselves, in front of one that does not."""
    explanation, step = describe(visible, _facts(evidence, header))
    if signers:
        explanation = f"{explanation} There is more: t{_guess(signers)[1:]}"
    return Diagnosis(visible, explanation, step, True)


def _guess(signers: tuple[str, ...]) -> str:
    return (
        "The signature fits none of the messages that were tried under the account that is claimed. If exactly these "
        f"bytes were meant, it was made with the key of {' or '.join(signers)}; otherwise other bytes were "
        "signed, such as a body or a timestamp that changed after signing."
    )


def _guess_step(evidence: Evidence) -> str:
    return (
        "If one of these addresses is yours, send it in X-Requester-Address or sign with the key of "
        f"{_facts(evidence, Header(()))['requester']}. Otherwise c{COMPARE[1:]}"
    )


def _nothing_wrong() -> Diagnosis:
    return Diagnosis(
        ("unknown",), "Nothing is wrong with this signature: it verifies over the node's message.", COMPARE, False
    )


def _facts(evidence: Evidence, header: Header) -> dict[str, str]:
    account = addresses.parsed(evidence.requester)
    return {
        "scheme": evidence.scheme,
        "other_scheme": "hash" if evidence.scheme == "raw" else "raw",
        "rule": _RULES[evidence.scheme],
        "provider": shown(evidence.provider_address),
        "requester": "the address in X-Requester-Address" if account is None else addresses.address(account),
        "size": str(header.size),
    }


def _details(message: Message) -> Mapping[str, str]:
    return {name: shown(value) for name, value in message.details}
