"""What a node checks in a developer's request: one pure function a row of `protocol.md` §3.2.

Each looks at a `Case` and returns None, or the refusal with the status and the exact text of the node. Which of them a
generation has, and in which order, is written in its profile. Looking does not change anything: what a node remembers
of a request that got through is entered by `service`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from gonka_core.errors import InvalidAddressError

from . import verification
from .case import COMPLETIONS, Case
from .chain import Account
from .escrow import escrow
from .executor import EXECUTOR_RULES
from .go.json_value import GoJsonError
from .judgement import Judgement, NamedRule, Order, Refusal, Rule, run
from .shapes import ShapeError, require_messages

_NS: Final = 10**9
_UNSIGNED: Final = 2**64
_SEARCHING: Final = "/v1/epochs/current/participants"


def json_decodes(case: Case) -> Refusal | None:
    if not isinstance(case.parsed, GoJsonError):
        return None
    if case.profile.json_errors == "raw":
        return Refusal("json", 500, str(case.parsed))
    return Refusal("json", 400, f"invalid chat completion request: {case.parsed}")


def has_messages(case: Case) -> Refusal | None:
    return None if case.fields.messages else Refusal("messages", 400, "messages is required")


def provider_is_allowed(case: Case) -> Refusal | None:
    allowed = case.chain.params.allowed_transfer_addresses
    if allowed and case.provider_address not in allowed:
        return Refusal("provider-allowed", 403, "Transfer Agent not allowed")
    return None


def has_authorization(case: Case) -> Refusal | None:
    return None if case.arrived.authorization else Refusal("authorization", 401, "Authorization is required")


def has_model(case: Case) -> Refusal | None:
    return None if case.fields.model else Refusal("model", 400, "No model specified")


def params_are_known(case: Case) -> Refusal | None:
    return Refusal("params", 503, "unable to fetch chain params") if "params" in case.chain.outages else None


def developer_is_allowed(case: Case) -> Refusal | None:
    until = case.chain.params.developer_gate_until
    if not until:
        return None
    if "status" in case.chain.outages:
        return Refusal("developer-allowed", 503, "unable to fetch chain status")
    if case.height < until and case.arrived.requester not in case.chain.params.allowed_developers:
        return Refusal("developer-allowed", 403, f"inference requests are restricted until block height {until}")
    return None


def messages_have_shape(case: Case) -> Refusal | None:
    """The one message that is made of a prompt of `/v1/completions` has it (`protocol.md` §3.10)."""
    try:
        require_messages(case.fields.messages)
    except ShapeError as error:
        return Refusal("message-shape", 400, str(error))
    return None


def account_is_known(case: Case) -> Refusal | None:
    """The chain's error comes through as it is, wrapped twice on its way (`protocol.md` §3.4)."""
    if "accounts" in case.chain.outages:
        return _rpc("Unavailable", "connection error: desc = error reading server preface: EOF", wrapped=False)
    if isinstance(case.account, InvalidAddressError):
        return _rpc("InvalidArgument", "invalid address: invalid request")
    if case.account is None:
        return _rpc("NotFound", "account not found: key not found")
    if case.account.public_key is not None:
        return None
    if case.profile.account_query == "participant":
        return _rpc("Unknown", "runtime error: invalid memory address or nil pointer dereference: panic")
    return _rpc("NotFound", "account has no public key: key not found")


def signature_verifies(case: Case) -> Refusal | None:
    """Nothing verifies under a key that is not known (`protocol.md` §1.5, step 3)."""
    try:
        verification.require_signature(case.known_key or b"", case.digest, case.arrived.authorization)
    except verification.SignatureError as error:
        return Refusal("signature", 401, f"Unable to validate request against PubKey:{error}")
    return None


def model_is_served(case: Case) -> Refusal | None:
    if "epoch-group" in case.chain.outages:
        return Refusal("model-served", 503, "unable to fetch current epoch group data")
    return None if case.chain.serves(case.fields.model) else Refusal("model-served", 404, "model not found")


def balance_covers_escrow(case: Case) -> Refusal | None:
    price = case.chain.price_of(case.fields.model)
    account, needed = case.account, escrow(case.prompt_tokens, case.max_tokens, price)
    if not isinstance(account, Account) or account.balance < needed:
        return Refusal("balance", 402, "Insufficient balance")
    return None


def status_is_known(case: Case) -> Refusal | None:
    if "node-status" in case.chain.outages:
        return Refusal("status", 500, 'post failed: Post "http://node:26657": dial tcp: connect: connection refused')
    return None


def timestamp_is_fresh(case: Case) -> Refusal | None:
    params = case.chain.params
    flaw = freshness(
        case.block_time_ns, case.timestamp_ns, expiration_s=params.expiration_s, advance_s=params.advance_s
    )
    return None if flaw is None else Refusal("timestamp", 400, f"{case.profile.timestamp_words} {flaw}")


def signature_is_new(case: Case) -> Refusal | None:
    if case.replay.knows(case.arrived.authorization):
        return Refusal("replay", 400, "AuthKey has already been used for a transfer request")
    return None


def node_has_capacity(case: Case) -> Refusal | None:
    limits = case.chain.params.bandwidth
    if case.throughput.accepts(limits, case.height, case.kilobytes, len(case.chain.participants())):
        return None
    text = f"Transfer Agent capacity reached. Try another TA from {case.public_url}{_SEARCHING}"
    return Refusal("capacity", 429, text)


def executor_is_found(case: Case) -> Refusal | None:
    """Where errors are mapped, `model-served` has refused a model that nobody serves (`protocol.md` §3.2, row 12)."""
    served = case.chain.serves(case.fields.model)
    if served and "executors" not in case.chain.outages:
        return None
    if case.profile.executor_errors == "raw":
        return _rpc("Unknown", "no participants found for the model" if served else "model not found", rule="executor")
    return Refusal("executor", 503, "no executors available for model")


RULES: Final[Mapping[str, Rule]] = {
    "json": json_decodes,
    "messages": has_messages,
    "provider-allowed": provider_is_allowed,
    "authorization": has_authorization,
    "model": has_model,
    "params": params_are_known,
    "developer-allowed": developer_is_allowed,
    "message-shape": messages_have_shape,
    "account": account_is_known,
    "signature": signature_verifies,
    "model-served": model_is_served,
    "balance": balance_covers_escrow,
    "status": status_is_known,
    "timestamp": timestamp_is_fresh,
    "replay": signature_is_new,
    "capacity": node_has_capacity,
    "executor": executor_is_found,
}


def completions_decode(case: Case) -> Refusal | None:
    if isinstance(case.prompt, GoJsonError):
        return Refusal("completions-format", 400, "invalid request format")
    return None


def completions_have_model(case: Case) -> Refusal | None:
    prompt = case.prompt
    if isinstance(prompt, GoJsonError) or not prompt.model.strip():
        return Refusal("completions-model", 400, "model is required")
    return None


def completions_have_one_prompt(case: Case) -> Refusal | None:
    prompts = () if isinstance(case.prompt, GoJsonError) else case.prompt.prompts
    if len(prompts) > 1:
        return Refusal("completions-prompt", 400, "batch prompts are not supported")
    if not "".join(prompts).strip():
        return Refusal("completions-prompt", 400, "prompt is required")
    return None


COMPLETIONS_RULES: Final[tuple[NamedRule, ...]] = (
    ("completions-format", completions_decode),
    ("completions-model", completions_have_model),
    ("completions-prompt", completions_have_one_prompt),
)
"""What `/v1/completions` checks before the rules of chat (`protocol.md` §3.10)."""


def order_for(case: Case) -> Order:
    """The rules that a request meets."""
    return order_of(case.profile.rules, case.arrived.for_executor, case.arrived.route == COMPLETIONS)


@lru_cache(maxsize=64)
def order_of(names: tuple[str, ...], for_executor: bool, completions: bool) -> Order:
    """There are few, and each request has one."""
    order = Order(names, [RULES[name] for name in names])
    if for_executor:
        until, handed_on = names.index("signature") + 1, Order.of(EXECUTOR_RULES)
        order = Order((*names[:until], *handed_on.names), [*order.rules[:until], *handed_on.rules])
    if completions:
        first = Order.of(COMPLETIONS_RULES)
        order = Order((*first.names, *order.names), [*first.rules, *order.rules])
    return order


def judge(case: Case) -> Judgement:
    """The verdict of a classic node on a developer's request, or on one that another node hands on."""
    return run(order_for(case), case)


def freshness(block_time_ns: int, timestamp_ns: int, *, expiration_s: int, advance_s: int) -> str | None:
    """Where a timestamp lies outside the window around block time; equality is inside (`protocol.md` §3.5)."""
    offset = _int64(block_time_ns - timestamp_ns)
    if offset > (expiration_s or 10) * _NS:
        return "too old"
    if offset < -(advance_s or 10) * _NS:
        return "in the future"
    return None


def _int64(number: int) -> int:
    number %= _UNSIGNED
    return number - _UNSIGNED if number >= _UNSIGNED // 2 else number


def _rpc(code: str, text: str, *, rule: str = "account", wrapped: bool = True) -> Refusal:
    prefix = f"rpc error: code = {code} desc = "
    return Refusal(rule, 500, prefix + (prefix if wrapped else "") + text)
