"""A route, a request on it, and what an operator can switch off (`protocol.md` §3.8, §6.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from gonka_mock_node.reply import Reply, whole

if TYPE_CHECKING:
    from gonka_mock_node.chain import Chain
    from gonka_mock_node.node import Node

Group: TypeAlias = Literal[
    "health",
    "status",
    "identity",
    "accounts",
    "participants",
    "models",
    "pricing",
    "epochs",
    "inferences",
    "versions",
    "verification",
    "chain-api",
    "chain-rpc",
]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
"""Routes that are switched off together; `Node.switched_off` may name any of them."""
_PROXIED: Final[Mapping[Group, bytes]] = {"chain-api": b"Chain API Disabled", "chain-rpc": b"Chain RPC Disabled"}
_BLOCKED: Final = b'{"error": "Access Denied", "message": "This route is currently blocked."}'


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: the node that it reached, the parameters in its path (percent-decoded), its query and its body."""

    node: Node
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def chain(self) -> Chain:
        return self.node.chain


Handler: TypeAlias = Callable[[Ask], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path (in aiohttp's syntax), and what answers. `deprecated` ones say so from v0.2.15 on."""

    method: Literal["GET", "POST"]
    path: str
    group: Group
    handler: Handler
    deprecated: bool = False


def read(route: Route, ask: Ask) -> Reply:
    """The answer to a request on a route, or to one on a route that is switched off."""
    if is_off(route.group, ask.node):
        return _switched_off(route.group)
    reply = route.handler(ask)
    if route.deprecated and ask.node.profile.routes.numbers_as_strings:
        return reply.with_header("Deprecation", "true")
    return reply


def is_off(group: Group, node: Node) -> bool:
    """Whether the operator does not serve a group, or its generation's proxy leaves the chain's own routes out."""
    return group in node.switched_off or (group in _PROXIED and not node.profile.routes.chain_proxy)


def _switched_off(group: Group) -> Reply:
    if group in _PROXIED:
        return whole(404, _PROXIED[group], "text/plain")
    return whole(403, _BLOCKED)
