"""Reading public routes at one endpoint after another, until somebody tells.

Who is silent, refuses, or says something else is left for the next route or endpoint, and the reason is kept for the
error of who learned nothing in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from gonka_core.answers import Answer
from gonka_core.endpoints import Endpoint
from gonka_core.errors import NotToldError, TransportError
from gonka_core.nodetext import quoted, words
from gonka_core.request import reading
from gonka_core.steps import Steps

from .timed import Asked, Asking

ALL_S: Final = 30.0
"""Seconds for everything that is asked for one thing, unless the caller says otherwise."""
EACH_S: Final = 10.0
"""Seconds that one silent endpoint may take of them."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Told(Generic[Value]):
    """What was told, by which endpoint, at which path behind its host."""

    value: Value
    endpoint: Endpoint
    path: str


@dataclass(slots=True)
class Inquiry:
    """Asks for one thing, in a bounded time.

    `reasons` (URL without `/v1` to text) grow as it goes on; endpoints that were `silent` are not asked again.
    """

    asking: Asking
    reasons: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    @classmethod
    def within(cls, seconds: Callable[[], float], timeout_s: float = ALL_S) -> Inquiry:
        """One that has `timeout_s` seconds from now on, by the clock `seconds`."""
        return cls(Asking.within(seconds, timeout_s))

    def get(self, endpoint: Endpoint, path: str, asked: Asked = reading) -> Steps[Answer | None]:
        """The answer, whatever its status, with its body; None where none came, with the reason kept."""
        if endpoint.root in self.silent:
            return None
        heard = yield from self.asking.read(endpoint, path, asked, EACH_S)
        if isinstance(heard.error, TransportError):
            self._silent(endpoint, heard.error.problem.removeprefix(f"{endpoint.root}{path} "))
        elif heard.error is not None:
            self.note(endpoint, f"{path}: {heard.error.problem}")
        elif heard.answer is None:
            self._silent(endpoint, "the time was over before it was asked")
        return heard.answer

    def ask(
        self,
        endpoints: Iterable[Endpoint],
        paths: Iterable[str],
        read: Callable[[str, Answer], Value | None],
        asked: Asked = reading,
    ) -> Steps[Told[Value] | None]:
        """The first thing that `read` (of a path and its answer) takes out of the answers; None where there is none.

        Each endpoint is asked for all paths in turn, and then the next one; who is silent is left at once.
        """
        paths = tuple(paths)
        for endpoint in endpoints:
            for path in paths:
                answer = yield from self.get(endpoint, path, asked)
                value = None if answer is None else read(path, answer)
                if value is not None:
                    return Told(value, endpoint, path)
                if answer is not None:
                    self.useless(endpoint, path, answer)
        return None

    def useless(self, endpoint: Endpoint, path: str, answer: Answer) -> None:
        """Keep in mind what an answer said that did not tell."""
        self.note(endpoint, f"{path} answered {answer.status}: {quoted(words(answer.body or b''))[:_SAID]}")

    def note(self, endpoint: Endpoint, reason: str) -> None:
        """Add a reason, one behind the other."""
        before = self.reasons.get(endpoint.root)
        self.reasons[endpoint.root] = f"{before}; {reason}" if before else reason

    def nobody(self, problem: str, next_step: str) -> NotToldError:
        """The error for one who learned nothing."""
        shown = [f"{url} ({reason})" for url, reason in list(self.reasons.items())[:_MOST]]
        more = len(self.reasons) - len(shown)
        told = ", ".join(shown) + (f", and {more} more" if more > 0 else "")
        return NotToldError(f"{problem}: {told or 'nobody was asked'}", next_step, sources=self.reasons)

    def _silent(self, endpoint: Endpoint, reason: str) -> None:
        self.note(endpoint, reason)
        self.silent.add(endpoint.root)


_SAID: Final = 120
_MOST: Final = 5


def ask(
    endpoints: Iterable[Endpoint],
    paths: Iterable[str],
    read: Callable[[str, Answer], Value | None],
    *,
    seconds: Callable[[], float],
    timeout_s: float = ALL_S,
    what: str,
    next_step: str = "name a node that tells, or try again later",
    asked: Asked = reading,
) -> Steps[Told[Value]]:
    """One thing, from whoever tells it first; see `Inquiry.ask`. Raises `NotToldError`: nobody tells `what`."""
    inquiry = Inquiry.within(seconds, timeout_s)
    told = yield from inquiry.ask(endpoints, paths, read, asked)
    if told is None:
        raise inquiry.nobody(f"nobody tells {what}", next_step)
    return told
