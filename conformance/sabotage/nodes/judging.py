"""Wrong rules, memories and clocks."""

from __future__ import annotations

import base64
from dataclasses import replace

from gonka_mock_node.case import Case
from gonka_mock_node.chain import Account
from gonka_mock_node.judgement import Refusal
from gonka_mock_node.replay import ReplayMemory
from gonka_mock_node.rules import account_is_known, freshness, timestamp_is_fresh


class BySignature(ReplayMemory):
    """Remembers the 64 bytes instead of their text."""

    def knows(self, authorization: str) -> bool:
        return super().knows(_canonical(authorization))

    def record(self, authorization: str, height: int, keep_blocks: int) -> None:
        super().record(_canonical(authorization), height, keep_blocks)


def _canonical(authorization: str) -> str:
    return base64.b64encode(base64.b64decode(authorization)).decode()


class Forgetful(ReplayMemory):
    """Remembers only the latest one."""

    def record(self, authorization: str, height: int, keep_blocks: int) -> None:
        self.clear()


def other_words_without_authorization(case: Case) -> Refusal | None:
    return None if case.arrived.authorization else Refusal("authorization", 401, "Unauthorized")


def unauthorized_where_unknown(case: Case) -> Refusal | None:
    """Maps an unknown account to 401."""
    return account_is_known(case) and Refusal("account", 401, "unknown account")


def unpublished_is_missing(case: Case) -> Refusal | None:
    """Tells an account without a public key from no account with a status of its own."""
    account = case.account
    if isinstance(account, Account) and account.public_key is None:
        return Refusal("account", 404, "account has no public key")
    return account_is_known(case)


def one_nanosecond_more(case: Case) -> Refusal | None:
    """Takes what is one nanosecond too old."""
    refusal = timestamp_is_fresh(case)
    return refusal and timestamp_is_fresh(replace(case, block_time_ns=case.block_time_ns - 1))


def equality_is_outside(case: Case) -> Refusal | None:
    """Refuses what is as old as it may be."""
    return timestamp_is_fresh(replace(case, block_time_ns=case.block_time_ns + 1))


def ten_seconds(case: Case) -> Refusal | None:
    """The window that a node falls back to without parameters."""
    flaw = freshness(case.block_time_ns, case.timestamp_ns, expiration_s=10, advance_s=10)
    return Refusal("timestamp", 400, f"signature is {flaw}") if flaw else None
