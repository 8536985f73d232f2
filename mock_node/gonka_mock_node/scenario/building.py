"""From a scenario to the network that it describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonka_mock_node.access import Access
from gonka_mock_node.chain import Account, BlockClock, Chain
from gonka_mock_node.node import provider_address
from gonka_mock_node.server import MockNetwork

from .answers import answering

if TYPE_CHECKING:
    from .records import AccountPlan, ClockPlan, Scenario


def network_of(scenario: Scenario, *, allow_remote: bool = False, advertise: str | None = None) -> MockNetwork:
    """A network that does not listen yet."""
    network = MockNetwork(
        len(scenario.nodes),
        profile=scenario.profile,
        providers=[plan.provider or stable_address(at) for at, plan in enumerate(scenario.nodes, start=1)],
        answer=answering(scenario.answers),
        chain=chain_of(scenario),
        access=Access(scenario.gateway.api_keys, scenario.gateway.moved_to),
        host=scenario.host,
        port=scenario.port or scenario.nodes[0].port,
        allow_remote=allow_remote,
        advertise=advertise,
        control=scenario.control,
        limits=scenario.limits,
    )
    for node, plan in zip(network.nodes, scenario.nodes, strict=True):
        node.delegates = dict(plan.delegates)
        node.switched_off = plan.switched_off
        node.answer = node.answer if plan.answers is None else answering(plan.answers)
    for fault in scenario.faults:
        network.faults.add_object(fault)
    return network


def stable_address(number: int) -> str:
    """The provider address of a node, counted from 1, that is given none: a file stands for the same network always."""
    return provider_address(f"scenario node {number}")


def chain_of(scenario: Scenario) -> Chain:
    """The chain at its start, to which `reset` goes back."""
    chain = Chain(
        clock=_clock_of(scenario.clock),
        params=scenario.params,
        models=scenario.models,
        price=scenario.price,
        unit_of_compute_price=scenario.unit_of_compute_price,
        open_accounts=scenario.accounts_mode == "open",
        default_balance=scenario.default_balance,
        outages=set(scenario.outages),
        first_epoch=scenario.epoch,
    )
    for plan in scenario.accounts:
        chain.put(_account_of(plan, scenario.default_balance))
    for participant in scenario.participants:
        chain.join(participant)
    for exclusion in scenario.excluded:
        chain.exclude(exclusion.address, exclusion.reason)
    chain.remember()
    return chain


def _account_of(plan: AccountPlan, default_balance: int) -> Account:
    return Account(plan.address, plan.public_key, default_balance if plan.balance is None else plan.balance)


def _clock_of(plan: ClockPlan) -> BlockClock:
    clock = BlockClock(height=plan.height, interval_s=plan.interval_s, granular=plan.granular)
    if plan.frozen or plan.freeze_at is not None:
        clock.freeze(plan.freeze_at)
    clock.lag(plan.lag_s)
    return clock
