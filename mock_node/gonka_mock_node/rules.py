"""What a node checks in a chat request, in its order (`protocol.md` §3.2): one pure function a row.

Each looks at a `Case` and returns None, or the refusal with the status and the exact text of the node. `judge` runs
them and stops at the first refusal, which is what makes their order visible to a client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from gonka_core.errors import InvalidAddressError

from . import verification
from .case import Case
from .go_json import ChatFields, GoJsonError, Number
from .shapes import ShapeError, require_messages

BODY_LIMIT: Final = 10 * 1024 * 1024
DEFAULT_MAX_TOKENS: Final = 5000
_UNSIGNED: Final = 2**64
_NS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the rule, the status and the text that goes out."""

    rule: str
    status: int
    error: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rules that were passed, in order, and the refusal that ended them, if one did."""

    passed: tuple[str, ...]
    refusal: Refusal | None


Rule: TypeAlias = Callable[[Case], Refusal | None]


def json_decodes(case: Case) -> Refusal | None:
    if isinstance(case.fields, GoJsonError):
        return Refusal("json", 400, f"invalid chat completion request: {case.fields}")
    return None


def has_messages(case: Case) -> Refusal | None:
    return None if _fields(case).messages else Refusal("messages", 400, "messages is required")


def provider_is_allowed(case: Case) -> Refusal | None:
    allowed = case.chain.params.allowed_transfer_addresses
    if allowed and case.provider_address not in allowed:
        return Refusal("provider-allowed", 403, "Transfer Agent not allowed")
    return None


def has_authorization(case: Case) -> Refusal | None:
    return None if case.arrived.authorization else Refusal("authorization", 401, "Authorization is required")


def has_model(case: Case) -> Refusal | None:
    return None if _fields(case).model else Refusal("model", 400, "No model specified")


def developer_is_allowed(case: Case) -> Refusal | None:
    until = case.chain.params.developer_gate_until
    if case.height < until and case.arrived.requester not in case.chain.params.allowed_developers:
        text = f"inference requests are restricted until block height {until}"
        return Refusal("developer-allowed", 403, text)
    return None


def messages_have_shape(case: Case) -> Refusal | None:
    try:
        require_messages(_fields(case).messages)
    except ShapeError as error:
        return Refusal("message-shape", 400, str(error))
    return None


def account_is_known(case: Case) -> Refusal | None:
    """The chain's error comes through as it is, wrapped twice on its way (`protocol.md` §3.4)."""
    if isinstance(case.account, InvalidAddressError):
        return _rpc("InvalidArgument", "invalid address: invalid request")
    if case.account is None:
        return _rpc("NotFound", "account not found: key not found")
    if case.account.public_key is None:
        return _rpc("NotFound", "account has no public key: key not found")
    return None


def signature_verifies(case: Case) -> Refusal | None:
    account = case.account
    if account is None or isinstance(account, InvalidAddressError) or account.public_key is None:
        return account_is_known(case)
    try:
        verification.require_signature(account.public_key, case.digest, case.arrived.authorization)
    except verification.SignatureError as error:
        return Refusal("signature", 401, f"Unable to validate request against PubKey:{error}")
    return None


def model_is_served(case: Case) -> Refusal | None:
    return None if case.chain.serves(_fields(case).model) else Refusal("model-served", 404, "model not found")


def balance_covers_escrow(case: Case) -> Refusal | None:
    account = case.account
    if account is None or isinstance(account, InvalidAddressError):
        return account_is_known(case)
    if account.balance < escrow(_fields(case), case.chain.price):
        return Refusal("balance", 402, "Insufficient balance")
    return None


def timestamp_is_fresh(case: Case) -> Refusal | None:
    flaw = freshness(
        case.block_time_ns,
        case.timestamp_ns,
        expiration_s=case.chain.params.expiration_s,
        advance_s=case.chain.params.advance_s,
    )
    return None if flaw is None else Refusal("timestamp", 400, flaw)


def signature_is_new(case: Case) -> Refusal | None:
    if case.replay.knows(case.arrived.authorization):
        return Refusal("replay", 400, "AuthKey has already been used for a transfer request")
    return None


CHAT_RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("json", json_decodes),
    ("messages", has_messages),
    ("provider-allowed", provider_is_allowed),
    ("authorization", has_authorization),
    ("model", has_model),
    ("developer-allowed", developer_is_allowed),
    ("message-shape", messages_have_shape),
    ("account", account_is_known),
    ("signature", signature_verifies),
    ("model-served", model_is_served),
    ("balance", balance_covers_escrow),
    ("timestamp", timestamp_is_fresh),
    ("replay", signature_is_new),
)


def judge(case: Case) -> Judgement:
    """Run the rules in order. Records the signature once it reached the last rule, as a node does."""
    passed: list[str] = []
    for name, rule in CHAT_RULES:
        refusal = rule(case)
        if refusal is not None:
            return Judgement(tuple(passed), refusal)
        passed.append(name)
    case.replay.record(case.arrived.authorization, case.height, case.chain.params.replay_blocks)
    return Judgement(tuple(passed), None)


def escrow(fields: ChatFields, price: int) -> int:
    """ngonka that must be there: (bytes of the prompt + max_tokens) × price, in Go's integers (`protocol.md` §3.6)."""
    tokens = prompt_tokens(fields) + (fields.max_tokens or DEFAULT_MAX_TOKENS)
    return _int64(tokens * price)


def prompt_tokens(fields: ChatFields) -> int:
    """UTF-8 bytes of the text of each message and a line feed behind each: a node counts no tokens here."""
    return sum(len(text_of(message).encode("utf-8", "replace")) + 1 for message in fields.messages)


def text_of(message: object) -> str:
    """The text of a message: its string, or its text parts one behind the other."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str) and not isinstance(text, Number))


def freshness(block_time_ns: int, timestamp_ns: int, *, expiration_s: int, advance_s: int) -> str | None:
    """The node's text for a timestamp outside the window around block time; equality is inside (`protocol.md` §3.5)."""
    offset = _int64(block_time_ns - timestamp_ns)
    if offset > (expiration_s or 10) * _NS:
        return "signature is too old"
    if offset < -(advance_s or 10) * _NS:
        return "signature is in the future"
    return None


def _int64(number: int) -> int:
    number %= _UNSIGNED
    return number - _UNSIGNED if number >= _UNSIGNED // 2 else number


def _rpc(code: str, text: str) -> Refusal:
    prefix = f"rpc error: code = {code} desc = "
    return Refusal("account", 500, prefix + prefix + text)


def _fields(case: Case) -> ChatFields:
    return ChatFields() if isinstance(case.fields, GoJsonError) else case.fields
