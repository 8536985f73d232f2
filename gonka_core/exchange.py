"""The story of one call, told without I/O.

An endpoint is chosen, the clock gives a timestamp, the bytes are signed, somebody sends them, the answer is judged: a
result, another attempt, or an error. `exchange` is a generator: it yields what is to be done next (`Send` or `Wait`),
is sent the `Answer` of a request (or has the `TransportError` thrown into it), and returns what was accepted, or
raises the `CallError` that ends the call. `driving` runs it, with and without `await`.

What is repeated follows from the error (`remedy`, `maybe_billed`) and the policy. Every attempt has a timestamp and a
signature of its own, for the endpoint that it goes to. Three things are learned where they are refused, once for each
endpoint, because nothing was computed and nothing billed: the scheme, block time, and a timestamp that was used before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from .answers import Answer
from .canonical import HashedBody, Scheme
from .chunks import Completion, Usage
from .endpoints import Endpoint
from .errors import Attempt, CallError, DeadlineError, NodeError, Remedy, TransportTimeout
from .inquiries import PATIENCE_S, Inquirer
from .party import Party
from .refusals import refusal
from .request import bearer_body, sign_body
from .response import completion, not_a_stream
from .steps import Send, Steps, Wait
from .telling import teller
from .types import Outcome, Request, SelectionContext, SignedRequest

FAIR_S: Final = 10.0
"""A timeout counts against an endpoint that had so many seconds: a short deadline is not its fault."""
_LEARNED: Final = (Remedy.SCHEME, Remedy.CLOCK, Remedy.RESIGN)


class Call(NamedTuple):
    """What is asked: the body, and what selectors and transports need to know of it.

    `patience`: seconds that no single wait for an endpoint may exceed; `attempts`: in place of the policy's.
    """

    hashed: HashedBody
    model: str | None = None
    stream: bool = False
    affinity: str | None = None
    patience: float | None = None
    attempts: int | None = None

    @property
    def body(self) -> bytes:
        return self.hashed.body


class Accepted(NamedTuple):
    """How a call was accepted. `completion` is None for a stream, whose body is still to come.

    Whoever reads the stream calls `finish` at its end, once, with the error that it ended in.
    """

    request: Request
    answer: Answer
    completion: Completion | None
    attempts: tuple[Attempt, ...]
    deadline: float | None
    finish: Callable[[CallError | None, Usage | None], None]


Flow: TypeAlias = Steps[Accepted]


def exchange(party: Party, call: Call, tried: list[Endpoint] | None = None) -> Flow:
    """One call. Raises `CallError`.

    `tried` are endpoints to ask only when there is no other; those that the call asks are added to it as it goes on.
    """
    return _Exchange(party, call, [] if tried is None else tried).run()


class _Exchange:
    """One call while it is under way.

    Attempts follow one another, so what is known of the one under way stands here too, from `_prepared` to `_ended`.
    Each generator that a request passes through is paid for by every request: there are two, `run` and `_at`.
    """

    _request: Request
    _status: int | None
    _began: float

    def __init__(self, party: Party, call: Call, tried: list[Endpoint]) -> None:
        self._party = party
        self._tell = teller(party.emitter, party.seconds)
        self._call = call
        self._tried = tried
        self._attempts: list[Attempt] = []
        self._failures = 0
        self._repeats = 0
        self._started = party.seconds()
        self._refused: Answer | None = None
        deadline = party.retry.deadline
        self._deadline = None if deadline is None else self._started + deadline

    def run(self) -> Flow:
        self._tell.call_started(self._call.model, self._call.stream)
        try:
            while True:
                try:
                    accepted = yield from self._at(self._chosen())
                    break
                except CallError as error:
                    wait = yield from self._wait_or_end(error)
                if wait:
                    yield Wait(wait)
        except BaseException as error:
            # Also when it was cancelled, or a plug-in failed: nobody else can tell that the call is over.
            self._finish(error)
            raise
        if accepted.completion is not None:
            self._finish(None, accepted.completion)
        return accepted

    def _chosen(self) -> Endpoint:
        context = SelectionContext(len(self._attempts) + 1, self._call.model, self._call.affinity)
        endpoint = self._party.pool.take(context, self._tried)
        self._tried.append(endpoint)
        return endpoint

    def _wait_or_end(self, error: CallError) -> Steps[float]:
        """Seconds until the next attempt. Raises the error that ends the call, explained."""
        try:
            wait = self._wait_after(error)
        except CallError as final:
            if final.endpoint is not None and final.endpoint.signed:
                yield from self._ask(final.endpoint).explain(final, self._call.body, self._call.model)
            final.attempts = tuple(self._attempts)
            raise
        self._tell.retry_scheduled(len(self._attempts), error, wait)
        return wait

    def _at(self, endpoint: Endpoint) -> Flow:
        """One attempt at an endpoint, and another for each thing that it refuses and that can be learned."""
        schemes = iter(self._party.schemes.order(endpoint) if endpoint.signed else ())
        scheme = next(schemes, None)
        learned: tuple[Remedy, ...] = ()
        in_hand = True
        try:
            while True:
                step = self._prepared(endpoint, scheme)
                try:
                    accepted = self._accepted(scheme, (yield step))
                    in_hand = False
                    return accepted
                except CallError as error:
                    error.endpoint = endpoint
                    self._ended(scheme, error, step.timeout)
                    remedy = error.remedy if isinstance(error, NodeError) else Remedy.NONE
                    if remedy not in _LEARNED or remedy in learned:
                        raise
                    learned += (remedy,)
                    if remedy is Remedy.SCHEME:
                        scheme = next(schemes, None)
                        if scheme is None:
                            raise
                    elif remedy is Remedy.CLOCK and not (yield from self._ask(endpoint).learn_time(self._refused)):
                        raise
        finally:
            if in_hand:
                self._party.pool.release(endpoint)

    def _prepared(self, endpoint: Endpoint, scheme: Scheme | None) -> Send:
        """An attempt begins: what is to be sent."""
        number = len(self._attempts) + 1
        timeout, patience = self._left(), self._call.patience
        if patience is not None and (timeout is None or patience < timeout):
            timeout = patience
        self._tell.attempt_started(number, endpoint, scheme)
        self._request = self._made(endpoint, scheme, number)
        self._status = None
        self._began = self._party.seconds()
        return Send(self._request, timeout, self._call.stream)

    def _accepted(self, scheme: Scheme | None, answer: Answer | None) -> Accepted:
        """The attempt succeeded; an endpoint whose answer is whole has it no longer in hand. Raises what it came to."""
        assert answer is not None
        self._status = answer.status
        self._tell.response_received(len(self._attempts) + 1, self._request.endpoint, answer.status, self._began)
        judged = self._judged(answer)
        self._ended(scheme, None)
        return Accepted(self._request, answer, judged, tuple(self._attempts), self._deadline, self._stream_over)

    def _stream_over(self, error: CallError | None, usage: Usage | None) -> None:
        """The body of a stream was read to its end, was dropped, or failed."""
        last = self._attempts[-1]
        self._party.pool.release(last.endpoint)
        if error is not None:
            error.endpoint, error.attempts = last.endpoint, tuple(self._attempts)
            outcome = Outcome(last.status, self._party.seconds() - self._started, type(error).__name__)
            cooling = self._party.pool.report(last.endpoint, outcome, error)
            if cooling:
                self._tell.cooled(last.endpoint, cooling, error)
        self._finish(error, usage)

    def _made(self, endpoint: Endpoint, scheme: Scheme | None, number: int) -> Request:
        if scheme is None:
            return bearer_body(self._call.body, endpoint)
        assert self._party.signer is not None
        assert self._party.address is not None
        stamp = self._party.clock.timestamp_ns(self._party.offsets.offset_ns(endpoint))
        self._tell.request_signed(number, stamp, self._call.body)
        return sign_body(
            self._call.body,
            endpoint,
            self._party.signer,
            digest=self._call.hashed.digest(scheme, stamp, endpoint.provider_address),
            scheme=scheme,
            timestamp_ns=stamp,
            address=self._party.address,
        )

    def _judged(self, answer: Answer) -> Completion | None:
        """What was answered, None for a stream that begins. Raises the error that the answer is."""
        request = self._request
        if not answer.ok:
            self._refused = answer
            raise refusal(request, answer)
        if isinstance(request, SignedRequest):
            self._party.schemes.accepted(request)
        if not self._call.stream:
            return completion(request, answer, self._party.limits)
        if answer.body is not None:
            raise not_a_stream(request, answer)
        return None

    def _ended(self, scheme: Scheme | None, error: CallError | None, timeout: float | None = None) -> None:
        """Tell everybody who learns from it how the attempt ended."""
        took, endpoint = self._party.seconds() - self._began, self._request.endpoint
        name = type(error).__name__ if error else None
        attempt = Attempt(len(self._attempts) + 1, endpoint, took, self._status, name, scheme)
        self._attempts.append(attempt)
        outcome = Outcome(self._status, took, name)
        if error is None:
            self._party.pool.report(endpoint, outcome, over=not self._call.stream)
            return
        hasty = isinstance(error, TransportTimeout) and timeout is not None and timeout < FAIR_S
        cooling = self._party.pool.report(endpoint, outcome, error, cools=not hasty)
        self._tell.attempt_failed(attempt, error)
        if cooling:
            self._tell.cooled(endpoint, cooling, error)

    def _wait_after(self, error: CallError) -> float:
        """Seconds until the next attempt. Raises the error where it ends the call."""
        policy = self._party.retry
        self._failures += 1
        over = self._failures >= (self._call.attempts or policy.attempts) or isinstance(error, DeadlineError)
        if over or not error.retryable or (error.maybe_billed and not policy.may_bill_twice):
            raise error
        # This endpoint would say the same again; only another one may see it otherwise.
        if isinstance(error, NodeError) and error.remedy is not Remedy.LATER and not self._fresh():
            raise error
        wait = self._pause(error)
        left = self._left()
        if left is not None and wait >= left:
            raise self._too_late() from error
        return wait

    def _pause(self, error: CallError) -> float:
        if self._fresh():
            return 0.0
        self._repeats += 1
        asked = error.retry_after_s if isinstance(error, NodeError) else None
        return max(self._party.retry.wait(self._repeats, self._party.chance), asked or 0.0)

    def _fresh(self) -> bool:
        return self._party.pool.has_fresh(self._call.model, self._tried)

    def _left(self) -> float | None:
        """Seconds of the deadline that are left. Raises `DeadlineError` where there are none."""
        if self._deadline is None:
            return None
        left = self._deadline - self._party.seconds()
        if left <= 0:
            raise self._too_late()
        return left

    def _too_late(self) -> DeadlineError:
        return DeadlineError(
            f"the call did not end within its {self._party.retry.deadline} seconds",
            "allow more time (RetryPolicy.deadline), or look at `attempts` for what took it",
        )

    def _ask(self, endpoint: Endpoint) -> Inquirer:
        ends = self._party.seconds() + PATIENCE_S
        return Inquirer(self._party, endpoint, ends if self._deadline is None else min(ends, self._deadline))

    def _finish(self, error: BaseException | None, counted: Completion | Usage | None = None) -> None:
        self._tell.call_finished(self._attempts, self._started, error, counted)
