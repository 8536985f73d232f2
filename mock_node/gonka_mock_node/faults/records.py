"""The words of this package: what a request looks like to a fault, when a fault strikes, and what kinds there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeAlias

from gonka_mock_node.chain import Chain, Ledger
from gonka_mock_node.profiles import PROFILES, Profile
from gonka_mock_node.reply import Reply

Value: TypeAlias = int | float | str | bool
Stage: TypeAlias = Literal["connection", "chain", "front", "source", "executor", "reply"]
"""Where a fault takes hold: the listener is closed, the chain is changed before the request is judged, something in
front of the node answers, the node tells something else than the chain has, the executor answers instead of a good one,
or the node's reply is changed on its way."""

LONGEST_WAIT_S: Final = 600.0


class FaultError(ValueError):
    """A fault that cannot be had. `field` names what is wrong with it; the message ends in what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Seen(NamedTuple):
    """A request as faults see it. `node` counts from 1, `url` is the node's and ends in `/v1`, `model` may be empty.

    `stream` is whether the request asks for a stream. `profile` is the generation that the node plays: errors of
    executors have its content type and its statuses.
    """

    route: str
    node: int
    provider_address: str
    url: str
    model: str = ""
    stream: bool = False
    profile: Profile = PROFILES["v0.2.13"]


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a fault strikes: all that fit every field that is given.

    `route` is a path, or what paths begin with where it ends in `*`; `node` a number, a URL or a provider address.
    Requests that fit those are counted from 1: `nth` are the counts that are struck, `every` strikes each so-manieth,
    `first` only the first so many. `times` ends it after so many strikes. `probability` (0 to 1) is drawn from
    `random.Random(seed)` once for each counted request, so that the same seed gives the same sequence.
    """

    route: str | None = None
    node: int | str | None = None
    model: str | None = None
    stream: bool | None = None
    nth: tuple[int, ...] | None = None
    every: int | None = None
    first: int | None = None
    times: int | None = None
    probability: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """One active fault. `parameters` are checked and complete."""

    id: str
    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    match: Match = Match()

    def as_object(self) -> dict[str, Any]:
        """The JSON form, flat: `id`, `name`, the parameters, and the fields of `match` that say something."""
        given = {name: value for name in MATCH_FIELDS if (value := getattr(self.match, name)) != getattr(Match(), name)}
        if self.match.nth is not None:
            given["nth"] = list(self.match.nth)
        return {"id": self.id, "name": self.name, **self.parameters, **given}

    def integer(self, name: str) -> int:
        """A parameter that is a whole number."""
        value = self.parameters[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        return float(self.parameters[name])

    def text(self, name: str) -> str:
        """A parameter as text."""
        return str(self.parameters[name])

    def flag(self, name: str) -> bool:
        """Whether a parameter is switched on."""
        return self.parameters[name] is True


MATCH_FIELDS: Final = ("route", "node", "model", "stream", "nth", "every", "first", "times", "probability", "seed")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an effect. `minimum` and `maximum` bound a number, `maximum` the length of a text.

    `choices` are the only texts there are; `one_line` texts go into a header: printable ASCII; `digits` texts may be
    given as an integer.
    """

    type: type[int] | type[float] | type[str] | type[bool]
    default: Value
    minimum: float | None
    maximum: float | None
    summary: str
    choices: tuple[str, ...] = ()
    one_line: bool = False
    digits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a fault of that name does. `summary` is what a client sees, `stands_for` the real event.

    `fits` says which replies it can change: any, event streams only, or completions (whatever is answered with 200).
    `route` is what it strikes unless told otherwise.
    """

    stage: ClassVar[Stage]

    name: str
    summary: str
    stands_for: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    fits: Literal["any", "stream", "completion"] = "any"
    route: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Effect):
    """While it is active the node does not listen."""

    stage: ClassVar[Stage] = "connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain(Effect):
    """`apply` gets the fault, the chain, and the provider address of the node that was asked."""

    stage: ClassVar[Stage] = "chain"
    apply: Callable[[Fault, Chain, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Front(Effect):
    """`apply` makes the answer of whatever stands in front of the node."""

    stage: ClassVar[Stage] = "front"
    apply: Callable[[Fault, Seen], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Effect):
    """`apply` makes another ledger of the node's own; the chain itself stays as it is.

    `shows` are the paths on which that can be seen, with `*` for any text; requests for others are not counted.
    """

    stage: ClassVar[Stage] = "source"
    apply: Callable[[Fault, Ledger], Ledger]
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor(Effect):
    """`apply` makes the answer to a request that passed every rule."""

    stage: ClassVar[Stage] = "executor"
    apply: Callable[[Fault, Seen], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Effect):
    """`apply` makes another reply of the node's own; it also gets a complete earlier answer, where there is one."""

    stage: ClassVar[Stage] = "reply"
    apply: Callable[[Fault, Reply, Reply | None], Reply]


def seconds(default: float, summary: str, maximum: float = LONGEST_WAIT_S) -> Parameter:
    return Parameter(float, default, 0, maximum, summary)


def count(default: int, maximum: int, summary: str, minimum: int = 0) -> Parameter:
    return Parameter(int, default, minimum, maximum, summary)


def text(default: str, summary: str) -> Parameter:
    return Parameter(str, default, None, 100_000, summary)


def header(default: str, summary: str, *, digits: bool = False) -> Parameter:
    return Parameter(str, default, None, 8000, summary, one_line=True, digits=digits)


def choice(choices: tuple[str, ...], summary: str) -> Parameter:
    """The first is the default."""
    return Parameter(str, choices[0], None, None, summary, choices=choices)


def flag(summary: str) -> Parameter:
    """Off unless given."""
    return Parameter(bool, False, None, None, summary)
