"""The fields of a scenario file, table by table. What each means is in docs/scenario.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gonka_core.address import address_of, parse_address
from gonka_mock_node.answers import Said, ToolCall
from gonka_mock_node.chain import OUTAGES, Bandwidth, EpochParams, Model, Params, Participant
from gonka_mock_node.chain.epochs import FIRST_EPOCH
from gonka_mock_node.faults import FaultError, Faults
from gonka_mock_node.limits import Limits
from gonka_mock_node.profiles import PROFILES
from gonka_mock_node.reading import GROUPS

from . import values
from .answers import AnswerRule, When
from .records import AccountPlan, ClockPlan, Exclusion, Gateway, NodePlan, Scenario
from .schema import (
    LARGEST,
    Check,
    ScenarioError,
    choice,
    filled,
    flag,
    integer,
    list_of,
    number,
    record,
    require_distinct,
    set_of,
    shown,
    table,
    table_of,
    text,
)

MOST_NODES: Final = 64
_MOST_EPOCHS: Final = 1000
_DAY_S: Final = 86_400
_PORT: Final = integer(0, 65_535)

BANDWIDTH: Final[Mapping[str, Check[Any]]] = {
    "estimated_limits_per_block_kb": integer(),
    "kb_per_input_token": number(0, 1e9),
    "kb_per_output_token": number(0, 1e9),
    "expiration_blocks": integer(0, 1_000_000),
    "max_inferences_per_block": integer(),
}
EPOCHS: Final[Mapping[str, Check[Any]]] = {
    "epoch_length": integer(1, 10**9),
    "epoch_shift": integer(0, 10**9),
    "poc_stage_duration": integer(0, 10**9),
    "poc_exchange_duration": integer(0, 10**9),
    "poc_validation_delay": integer(0, 10**9),
    "poc_validation_duration": integer(0, 10**9),
    "set_new_validators_delay": integer(0, 10**9),
}
PARAMS: Final[Mapping[str, Check[Any]]] = {
    "timestamp_expiration_s": integer(0, 10**9),
    "timestamp_advance_s": integer(0, 10**9),
    "allowed_transfer_addresses": set_of(values.address),
    "developer_gate_until": integer(),
    "allowed_developers": set_of(values.address),
    "allowed_creators": set_of(values.address),
    "logprobs_mode": text,
    "bandwidth": record(Bandwidth, BANDWIDTH),
    "epochs": record(EpochParams, EPOCHS),
}
MODEL: Final[Mapping[str, Check[Any]]] = {
    "id": filled,
    "hf_repo": text,
    "context_window": integer(),
    "units_of_compute_per_token": integer(),
    "quantization": text,
    "description": text,
    "price": integer(),
    "proposed_by": text,
    "coins_per_input_token": integer(),
    "coins_per_output_token": integer(),
    "hf_commit": text,
    "model_args": list_of(text),
    "v_ram": integer(),
    "throughput_per_nonce": integer(),
    "validation_threshold": list_of(integer(-LARGEST), 2, 2),
    "capacity": integer(),
    "utilization": number(0, 1),
}
PARTICIPANT: Final[Mapping[str, Check[Any]]] = {
    "address": values.address_or_empty,
    "url": text,
    "weight": integer(-LARGEST),
    "models": list_of(text),
    "validator_key": values.base64_of(32),
    "status": integer(0, 5),
}
CLOCK: Final[Mapping[str, Check[Any]]] = {
    "freeze_at": values.instant,
    "frozen": flag,
    "lag_s": number(0, _DAY_S),
    "granular": flag,
    "interval_s": integer(1, _DAY_S),
    "height": integer(1, 10**12),
}
LIMITS: Final[Mapping[str, Check[Any]]] = {
    "idle_s": number(0.01, _DAY_S),
    "body_s": number(0.01, _DAY_S),
    "linger_s": number(0, _DAY_S),
    "write_s": number(0.01, _DAY_S),
    "headers": integer(16, 100_000),
    "header_bytes": integer(1024, 16 * 1024 * 1024),
}
WHEN: Final[Mapping[str, Check[Any]]] = {"contains": text, "model": text, "role": text, "stream": flag}
ACCOUNT: Final[Mapping[str, Check[Any]]] = {
    "public_key": values.public_key,
    "address": values.address,
    "balance": integer(),
}
EXCLUSION: Final[Mapping[str, Check[Any]]] = {"address": values.address, "reason": text}
GATEWAY: Final[Mapping[str, Check[Any]]] = {"api_keys": list_of(filled), "moved_to": text}
TOOL_CALL: Final[Mapping[str, Check[Any]]] = {"name": filled, "arguments": values.json_text, "id": text}


def _model(value: object) -> str | Model:
    """A name, or a table."""
    return record(Model, MODEL, ["id"])(value) if isinstance(value, dict) else filled(value)


def _account(address: str | None = None, public_key: bytes | None = None, balance: int | None = None) -> AccountPlan:
    own = None if public_key is None else address_of(public_key)
    if address is not None and own is not None and parse_address(address) != parse_address(own):
        raise ScenarioError("address", f"the public key belongs to {own}; leave the address out, or correct the key")
    found = address or own
    if found is None:
        raise ScenarioError("public_key", "it is missing; give it, or the address of an account that published none")
    return AccountPlan(found, public_key, balance)


def _rule(when: When | None = None, **said: Any) -> AnswerRule:
    if not said.keys() - {"pause_s"}:
        raise ScenarioError("say", "the rule says nothing; add say, or tool_calls")
    names = {"say": "content", "pause_s": "pause"}
    return AnswerRule(Said(**{names.get(name, name): value for name, value in said.items()}), when or When())


ANSWER: Final[Mapping[str, Check[Any]]] = {
    "when": record(When, WHEN),
    "say": text,
    "tokens": list_of(text),
    "reasoning": text,
    "tool_calls": list_of(record(ToolCall, TOOL_CALL, ["name"])),
    "finish_reason": choice(("stop", "length", "tool_calls", "content_filter")),
    "pause_s": number(0, 600),
}
_ANSWERS: Final = list_of(record(_rule, ANSWER))
NODE: Final[Mapping[str, Check[Any]]] = {
    "provider": values.address,
    "port": _PORT,
    "switched_off": set_of(choice(GROUPS)),
    "delegates": table_of(values.address),
    "answers": _ANSWERS,
}


def _nodes(value: object) -> tuple[NodePlan, ...]:
    """A list of tables, or only how many."""
    if isinstance(value, list):
        return list_of(record(NodePlan, NODE), 1, MOST_NODES)(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_NODES:
        raise ScenarioError("", f"it is {shown(value)}; give how many from 1 to {MOST_NODES}, or a table for each node")
    return (NodePlan(),) * value


def _faults(value: object) -> tuple[Mapping[str, Any], ...]:
    """Each is activated once here, so that what the network will be given is known to be good."""
    trial = Faults()

    def sound(item: object) -> Mapping[str, Any]:
        try:
            trial.add_object(table(item))
        except FaultError as error:
            raise ScenarioError(error.field, str(error)) from None
        return table(item)

    return list_of(sound)(value)


def _scenario(**fields: Any) -> Scenario:
    """Raises `ScenarioError` for what no single field can show."""
    scenario = Scenario(**fields)
    require_distinct("nodes", "provider", [_same(node.provider) for node in scenario.nodes])
    require_distinct("accounts", "address", [_same(account.address) for account in scenario.accounts])
    require_distinct("models", "id", [item if isinstance(item, str) else item.id for item in scenario.models or ()])
    _require_consecutive_ports(scenario.port, [node.port for node in scenario.nodes])
    return scenario


def _same(address: str | None) -> bytes | None:
    """An address may be written in upper case too: its bytes are what is compared."""
    return None if address is None else parse_address(address)


def _require_consecutive_ports(first: int, ports: Sequence[int]) -> None:
    """A network takes the ports behind that of its first node."""
    base = first or ports[0]
    for position, port in enumerate(ports):
        wanted = base + position if base else 0
        if port not in (0, wanted):
            advice = f"give {wanted}, or none here" if wanted else "give nodes[0].port, or none here"
            raise ScenarioError(f"nodes[{position}].port", f"ports follow that of the first node; {advice}")
    if base + len(ports) - 1 > 65_535:
        raise ScenarioError("port", f"{len(ports)} nodes need as many ports from {base} on; give a smaller one")


SCENARIO: Final[Mapping[str, Check[Any]]] = {
    "profile": choice(PROFILES),
    "nodes": _nodes,
    "host": values.host,
    "port": _PORT,
    "accounts_mode": choice(("open", "listed")),
    "accounts": list_of(record(_account, ACCOUNT)),
    "default_balance": integer(),
    "models": list_of(_model),
    "price": integer(),
    "unit_of_compute_price": integer(),
    "params": record(Params, PARAMS),
    "participants": list_of(record(Participant, PARTICIPANT, ["address", "url"])),
    "excluded": list_of(record(Exclusion, EXCLUSION, ["address"])),
    "epoch": integer(FIRST_EPOCH, FIRST_EPOCH + _MOST_EPOCHS),
    "clock": record(ClockPlan, CLOCK),
    "outages": set_of(choice(OUTAGES)),
    "faults": _faults,
    "answers": _ANSWERS,
    "gateway": record(Gateway, GATEWAY),
    "control": flag,
    "limits": record(Limits, LIMITS),
}
checked: Final[Callable[[object], Scenario]] = record(_scenario, SCENARIO)
ALL: Final = (
    SCENARIO,
    NODE,
    ACCOUNT,
    MODEL,
    PARAMS,
    BANDWIDTH,
    EPOCHS,
    PARTICIPANT,
    EXCLUSION,
    CLOCK,
    ANSWER,
    WHEN,
    TOOL_CALL,
    GATEWAY,
    LIMITS,
)
"""Every table, for whoever describes the file."""
