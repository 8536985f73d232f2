"""Rules in order, until one refuses: the machinery that every kind of node shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .case import Case


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the rule, the status and the text that goes out."""

    rule: str
    status: int
    error: str


class Judgement(NamedTuple):
    """The rules that were passed, in order, and the refusal that ended them, if one did.

    `in_front`: something in front of the node answered, so that none was asked.
    """

    passed: tuple[str, ...]
    refusal: Refusal | None
    in_front: bool = False


Rule: TypeAlias = Callable[[Case], Refusal | None]
NamedRule: TypeAlias = tuple[str, Rule]


class Order(NamedTuple):
    """Rules in the order in which a request meets them, and their names."""

    names: tuple[str, ...]
    rules: Sequence[Rule]

    @classmethod
    def of(cls, named: Sequence[NamedRule]) -> Order:
        return cls(tuple([name for name, _ in named]), [rule for _, rule in named])


def run(order: Order, case: Case) -> Judgement:
    """Ask each rule in turn; the first refusal ends it, which is what makes their order visible to a client."""
    for passed, rule in enumerate(order.rules):
        refusal = rule(case)
        if refusal is not None:
            return Judgement(order.names[:passed], refusal)
    return Judgement(order.names, None)
