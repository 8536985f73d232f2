"""When a fault strikes: whether a request fits, and whose turn it is among those that do."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase

from gonka_mock_node.reply import Drop, Reply

from .records import Effect, Match, Seen, Source
from .steps import is_stream


def concerns(match: Match, seen: Seen) -> bool:
    """Whether a request is one of those that a fault counts."""
    return (
        (match.route is None or _covers(match.route, seen.route))
        and is_node(match.node, seen.node, seen.url, seen.provider_address)
        and match.model in (None, seen.model)
        and match.stream in (None, seen.stream)
    )


def is_node(wanted: int | str | None, number: int, url: str, provider_address: str) -> bool:
    """Whether a node goes by that number (from 1), that URL (with or without `/v1`) or that provider address."""
    if wanted is None or isinstance(wanted, int):
        return wanted in (None, number)
    return wanted == provider_address or _base(wanted) == _base(url)


def reaches(effect: Effect, seen: Seen, reply: Reply | None) -> bool:
    """Whether the effect can show, as far as it is known what will be answered."""
    if isinstance(effect, Source):
        return any(fnmatchcase(seen.route, path) for path in effect.shows)
    if reply is None:
        return effect.fits != "stream" or seen.stream
    if any(isinstance(step, Drop) for step in reply.before):
        return False
    fitting = {"any": True, "stream": is_stream(reply), "completion": reply.status == 200}
    return fitting[effect.fits]


def _covers(route: str, path: str) -> bool:
    return path.startswith(route[:-1]) if route.endswith("*") else path == route


def _base(url: str) -> str:
    return url.rstrip("/").removesuffix("/v1").lower()


class Tally:
    """The requests that a fault counted, and how many of them it struck."""

    requests: int
    strikes: int

    def __init__(self, match: Match) -> None:
        self.requests = 0
        self.strikes = 0
        self._match = match
        # Repeatable on purpose: nothing here is a secret.
        self._random = random.Random(match.seed)  # noqa: S311

    def strikes_next(self) -> bool:
        """Count one more request; whether it is struck."""
        self.requests += 1
        drawn = self._random.random() < self._match.probability
        if not (drawn and self._is_turn()):
            return False
        self.strikes += 1
        return True

    def _is_turn(self) -> bool:
        match = self._match
        return (
            (match.nth is None or self.requests in match.nth)
            and (match.every is None or self.requests % match.every == 0)
            and (match.first is None or self.requests <= match.first)
            and (match.times is None or self.strikes < match.times)
        )
