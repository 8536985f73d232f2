"""The scenarios, by number. What the network does in each is prepared in `stagings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .scenario import CLIENT_CLAIMS, Scenario

_ASK: Final = "call the model once"
_STREAM: Final = "call the model once, streaming"


def _claims(*names: str) -> frozenset[str]:
    assert set(names) <= set(CLIENT_CLAIMS)
    return frozenset(names)


def _numbered(*scenarios: Scenario) -> Iterator[tuple[str, Scenario]]:
    for number, scenario in enumerate(scenarios, start=1):
        assert scenario.number == number
        yield scenario.name, scenario


SCENARIOS: Final[Mapping[str, Scenario]] = dict(
    _numbered(
        Scenario(1, "plain", _ASK, "one node, which answers"),
        Scenario(2, "streaming", _STREAM, "one node, which answers", needs=_claims("streaming"), stream=True),
        Scenario(
            3,
            "unicode",
            f"{_ASK}; payload and answer hold letters of many scripts",
            "one node, which answers",
            needs=_claims("payload"),
            payload="unicode",
        ),
        Scenario(
            4,
            "empty",
            "send a payload of no bytes",
            "one node, which refuses what is no JSON",
            outcome="failed",
            needs=_claims("payload", "exact"),
            payload="empty",
        ),
        Scenario(
            5,
            "huge",
            f"{_ASK}, with a payload of 4 MB",
            "one node, which answers",
            needs=_claims("payload"),
            payload="huge",
        ),
        Scenario(
            6,
            "many",
            "make many calls, one after the other",
            "one node, which answers",
            needs=_claims("count"),
            amount="many",
            explains=False,
        ),
        Scenario(
            7,
            "burst",
            "make calls at the same time",
            "one node, which takes 0.2 s for an answer",
            needs=_claims("count", "parallel"),
            amount="burst",
            parallel=True,
            stage="slowly",
            explains=False,
        ),
        Scenario(
            8,
            "slow",
            "make two calls, one after the other",
            "one node, which takes 1.5 s for its first answer",
            needs=_claims("count"),
            amount="two",
            stage="very slowly",
        ),
        Scenario(
            9,
            "fail-over",
            _ASK,
            "three nodes; the one that is asked first answers 503 from then on",
            needs=_claims("fail-over"),
            nodes=3,
            stage="first one fails",
        ),
        Scenario(
            10,
            "unreachable",
            "make four calls",
            "three nodes, of which only the last one listens",
            needs=_claims("fail-over"),
            amount="few",
            nodes=3,
            stage="two are down",
        ),
        Scenario(
            11,
            "busy",
            _ASK,
            "one node, which answers 429 to the first correct request, and then answers",
            needs=_claims("retry"),
            stage="busy once",
        ),
        Scenario(
            12,
            "clock-behind",
            _ASK,
            "one node; its clock and its blocks are two minutes ahead of the client's clock",
            needs=_claims("clock"),
            stage="two minutes ahead",
        ),
        Scenario(
            13,
            "clock-ahead",
            _ASK,
            "one node; its clock and its blocks are two minutes behind the client's clock",
            needs=_claims("clock"),
            stage="two minutes behind",
        ),
        Scenario(
            14,
            "block-lag",
            _ASK,
            "one node, whose clock is right and whose latest block is 45 s old",
            needs=_claims("clock"),
            stage="blocks lag",
        ),
        Scenario(
            15,
            "other-generation",
            _ASK,
            "one node, which verifies the other signing scheme",
            needs=_claims("other-scheme"),
            other=True,
        ),
        Scenario(
            16,
            "redirect",
            _ASK,
            "one node, which redirects to an origin that the client was not told of",
            outcome="either",
            stage="redirect",
        ),
        Scenario(
            17,
            "no-balance",
            _ASK,
            "one node, which finds that the account cannot pay",
            outcome="failed",
            stage="poor",
        ),
        Scenario(
            18,
            "discovery",
            "make four calls to nodes found through GONKA_SOURCE_URL",
            "participants of which all but one are excluded; the allow-list is empty, which allows everyone",
            needs=_claims("discovery"),
            amount="few",
            nodes=2,
            told="source",
            stage="excluded participants",
        ),
        Scenario(
            19,
            "allow-list",
            "make four calls to nodes found through GONKA_SOURCE_URL",
            "participants of which the chain's allow-list names one",
            needs=_claims("discovery"),
            amount="few",
            nodes=2,
            told="source",
            stage="allow-list",
        ),
        Scenario(
            20,
            "broker",
            "call the broker of GONKA_BROKER_URL once",
            "a broker, which takes a Bearer key and no signature",
            needs=_claims("broker"),
            told="broker",
        ),
        Scenario(
            21,
            "stall",
            f"{_STREAM}; give up after the given seconds of silence",
            "one node, whose stream falls silent after its first event",
            outcome="failed",
            needs=_claims("streaming", "timeout"),
            stream=True,
            stage="stall",
        ),
        Scenario(
            22,
            "cut-stream",
            _STREAM,
            "one node, whose connection breaks in the middle of the stream",
            outcome="failed",
            needs=_claims("streaming"),
            stream=True,
            stage="cut",
        ),
        Scenario(
            23,
            "no-done",
            _STREAM,
            "one node, whose stream ends in good order, early, and without [DONE]",
            outcome="failed",
            needs=_claims("streaming"),
            stream=True,
            stage="no [DONE]",
        ),
    )
)


def require_scenarios(names: frozenset[str]) -> None:
    """Raise ValueError for a name that no scenario has, listing those that exist."""
    unknown = sorted(names - set(SCENARIOS))
    if unknown:
        raise ValueError(f"there is no scenario {unknown[0]!r}; there are: {', '.join(SCENARIOS)}")
