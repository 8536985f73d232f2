"""Mock nodes as subjects: correct ones, and such in which one thing is put in another's place until they are closed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from aiohttp import web

from gonka_conformance.nodes import NodeSubject
from gonka_conformance.nodes.developer import Developer
from gonka_core import PrivateKey
from gonka_core.keys import ApiKey
from gonka_mock_node import PROFILES, Account, BlockClock, Chain, MockNode
from gonka_mock_node import rules as node_rules
from gonka_mock_node.judgement import Rule
from gonka_mock_node.node import Node
from gonka_mock_node.profiles import Profile

NOW: Final = 1_766_422_712 * 10**9
KEY: Final = PrivateKey(hashlib.sha256(b"gonka conformance kit: developer at sabotaged nodes").digest())
API_KEY: Final = ApiKey("sk-conformance-kit")
UNPUBLISHED: Final = Developer.unknown().address
BALANCE: Final = 10**9
"""Enough for any request of the exam, and less than the largest escrow."""

Edit: TypeAlias = Callable[[web.Request, web.Response], None]
"""Changes an answer that is whole before it goes out."""


class _EditingNode(MockNode):
    """A mock node whose answers are changed on their way out."""

    def __init__(self, edit: Edit, **settings: Any) -> None:
        super().__init__(**settings)
        self._edit = edit

    def _application(self, node: Node) -> web.Application:
        app = super()._application(node)

        @web.middleware
        async def edited(request: web.Request, handler: Any) -> web.StreamResponse:
            response: web.StreamResponse = await handler(request)
            if isinstance(response, web.Response) and not response.prepared:
                self._edit(request, response)
            return response

        app.middlewares.insert(0, edited)
        return app


@dataclass(frozen=True)
class StagedNode(NodeSubject):
    """A subject whose node runs until it is closed. One at a time: a change may reach all mock nodes of the process."""

    stage: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def close(self) -> None:
        self.stage.close()


def staged(
    profile: str = "v0.2.13",
    *,
    judged_as: str | None = None,
    change: Mapping[str, Any] | None = None,
    rules: Mapping[str, Rule] | None = None,
    patches: Iterable[tuple[object, str, Any]] = (),
    edit: Edit | None = None,
    fault: str | None = None,
    models: tuple[str, ...] | None = ("test",),
    replay: Any = None,
) -> StagedNode:
    """A mock node that plays a profile, with changes: of the profile's fields, of rules by name, of names in modules.

    The chain's own routes are open, so that the exam sees its allow-list, on which the node is. Block time stands.
    """
    stage = ExitStack()
    stage.callback(node_rules.order_of.cache_clear)  # goes last: when the rules are back
    if rules:
        stage.enter_context(patch.dict(node_rules.RULES, rules))
    for where, name, value in patches:
        stage.enter_context(patch.object(where, name, value))
    node_rules.order_of.cache_clear()
    node = _node(_open(PROFILES[profile], change or {}), models, edit)
    if replay is not None:
        node.nodes[0].replay = replay
    if fault is not None:
        node.faults.add(fault)
    stage.enter_context(node)
    node.chain.allow(node.provider_address)
    return _subject(node, judged_as or profile, stage)


def _open(profile: Profile, change: Mapping[str, Any]) -> Profile:
    changed = replace(profile, **change)
    return replace(changed, routes=replace(changed.routes, chain_proxy=True))


def _node(profile: Profile, models: tuple[str, ...] | None, edit: Edit | None) -> MockNode:
    chain = Chain(clock=BlockClock(lambda: NOW), models=models, open_accounts=False)
    chain.fund(Developer(KEY).public_key, BALANCE)
    chain.put(Account(UNPUBLISHED, None, BALANCE))
    settings: dict[str, Any] = {"profile": profile, "chain": chain, "explain": False}
    return MockNode(**settings) if edit is None else _EditingNode(edit, **settings)


def _subject(node: MockNode, profile: str, stage: ExitStack) -> StagedNode:
    return StagedNode(
        node.url,
        node.provider_address,
        KEY,
        profile=profile,
        paid=True,
        rude=True,
        model="test",
        api_key=API_KEY,
        block_time_ns=NOW,
        unpublished_address=UNPUBLISHED,
        stage=stage,
    )


def rows(profile: str, *, without: str = "", move: str = "", behind: str = "") -> tuple[str, ...]:
    """The rules of a profile without one of them, or with one moved to behind another."""
    kept = [rule for rule in PROFILES[profile].rules if rule not in (without, move)]
    if move:
        kept.insert(kept.index(behind) + 1, move)
    return tuple(kept)
