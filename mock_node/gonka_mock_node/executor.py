"""What an executor checks in a request that another node hands on (`protocol.md` §2), in its order.

A developer's client never sends such a request; one that adds the two headers by mistake meets these rules.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from gonka_core.errors import InvalidAddressError

from . import verification
from .case import Case
from .judgement import NamedRule, Refusal
from .upstream import prompt_hash

_SEED: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NS: Final = 10**9


def provider_signature_verifies(case: Case) -> Refusal | None:
    """By any key that may sign for the provider; of several failures the first is reported (`protocol.md` §13)."""
    digest = _transfer_digest(case)
    flaw: str | None = None
    for key in _keys(case) or (b"",):
        try:
            verification.require_signature(key, digest, case.arrived.transfer_signature)
        except verification.SignatureError as error:
            flaw = flaw or str(error)
        else:
            return None
    return Refusal("transfer-signature", 401, f"Unable to validate request against TransferSignature:{flaw}")


def _keys(case: Case) -> tuple[bytes, ...]:
    try:
        return case.chain.transfer_keys(case.provider_address)
    except InvalidAddressError:
        return ()


def _transfer_digest(case: Case) -> bytes:
    if case.profile.scheme == "raw":
        payload = case.arrived.body
    else:
        payload = (case.arrived.prompt_hash or hashlib.sha256(case.arrived.body).hexdigest()).encode()
    running = hashlib.sha256(payload)
    if case.timestamp_ns > 0:
        running.update(b"%d" % case.timestamp_ns)
    running.update((case.provider_address + case.own_address).encode("utf-8", "surrogateescape"))
    return running.digest()


def timestamp_is_not_old(case: Case) -> Refusal | None:
    if case.block_time_ns - case.timestamp_ns > case.chain.params.expiration_s * _NS:
        return Refusal("executor-timestamp", 400, "Request timestamp is too old")
    return None


def signature_is_new(case: Case) -> Refusal | None:
    if case.executor_replay.knows(case.arrived.authorization):
        return Refusal("executor-replay", 400, "AuthKey has already been used for an executor request")
    return None


def seed_is_an_integer(case: Case) -> Refusal | None:
    return None if _SEED.fullmatch(case.arrived.seed) else Refusal("seed", 400, "Bad Request")


def prompt_hash_matches(case: Case) -> Refusal | None:
    given, wanted = case.arrived.prompt_hash, case.profile.prompt_hash
    if wanted == "unknown" or (not given and wanted == "optional"):
        return None
    if not given:
        return Refusal("prompt-hash", 400, "Prompt hash is missing")
    computed = prompt_hash(case.fields.data, int(case.arrived.seed), case.chain.params.logprobs_mode)
    return None if given == computed else Refusal("prompt-hash", 400, "Prompt hash mismatch")


EXECUTOR_RULES: Final[tuple[NamedRule, ...]] = (
    ("transfer-signature", provider_signature_verifies),
    ("executor-timestamp", timestamp_is_not_old),
    ("executor-replay", signature_is_new),
    ("seed", seed_is_an_integer),
    ("prompt-hash", prompt_hash_matches),
)
"""What follows the look-up of the account and the developer's signature."""
