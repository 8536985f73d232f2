"""Running a flow: its requests are sent by a transport, its waits are waited, once for threads and once for tasks.

Two short loops that are the same but for `await`. What a flow ends with may be a stream whose body is still to come:
then the answer that was left open comes with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeAlias

from .answers import Answer, is_stream
from .errors import CallError, TransportTimeout
from .incoming import Incoming
from .interfaces import AsyncResponse, AsyncTransport, Response, Transport
from .limits import DEFAULT, Limits
from .steps import Result, Send, Step, Steps, Wait
from .types import Request

Open: TypeAlias = tuple[Response, Incoming] | None
AsyncOpen: TypeAlias = tuple[AsyncResponse, Incoming] | None
Carried: TypeAlias = tuple[Answer, Open]
AsyncCarried: TypeAlias = tuple[Answer, AsyncOpen]
Seconds: TypeAlias = Callable[[], float]


def run(flow: Steps[Result], transport: Transport, limits: Limits, seconds: Seconds) -> tuple[Result, Open]:
    """What a flow comes to. Raises what it raises; `seconds` is the monotonic clock of its timeouts."""
    carried: Open = None
    try:
        step: Step = next(flow)
        while True:
            answer: Answer | None = None
            try:
                if isinstance(step, Wait):
                    time.sleep(step.seconds)
                else:
                    answer, carried = _carry(step, transport, limits, seconds)
            except CallError as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as finished:
        return finished.value, carried
    finally:
        flow.close()


def run_flow(
    flow: Steps[Result], transport: Transport, limits: Limits = DEFAULT, seconds: Seconds = time.monotonic
) -> Result:
    """What a flow comes to that opens no stream: one that reads what a node tells."""
    return run(flow, transport, limits, seconds)[0]


def _carry(step: Send, transport: Transport, limits: Limits, seconds: Seconds) -> Carried:
    ends = None if step.timeout is None else seconds() + step.timeout
    response = transport.send(step.request, timeout=step.timeout)
    kept = False
    try:
        incoming = Incoming(step.request, response.status, response.headers, limits)
        kept = step.stream and is_stream(response.status, response.headers)
        if kept:
            return Answer(response.status, response.headers, None), (response, incoming)
        for piece in response:
            incoming.keep(piece)
            if ends is not None and seconds() > ends:
                raise late(step.request)
        return incoming.answer(), None
    finally:
        if not kept:
            response.close()


async def run_async(
    flow: Steps[Result], transport: AsyncTransport, limits: Limits, seconds: Seconds
) -> tuple[Result, AsyncOpen]:
    """`run`, awaited."""
    carried: AsyncOpen = None
    try:
        step: Step = next(flow)
        while True:
            answer: Answer | None = None
            try:
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                else:
                    answer, carried = await _carry_async(step, transport, limits, seconds)
            except CallError as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as finished:
        return finished.value, carried
    finally:
        flow.close()


async def run_flow_async(
    flow: Steps[Result], transport: AsyncTransport, limits: Limits = DEFAULT, seconds: Seconds = time.monotonic
) -> Result:
    """`run_flow`, awaited."""
    return (await run_async(flow, transport, limits, seconds))[0]


async def _carry_async(step: Send, transport: AsyncTransport, limits: Limits, seconds: Seconds) -> AsyncCarried:
    ends = None if step.timeout is None else seconds() + step.timeout
    response = await transport.send(step.request, timeout=step.timeout)
    answer = _arrived(step, response, limits, seconds, ends)
    if answer is not None:
        return answer, None
    kept = False
    try:
        incoming = Incoming(step.request, response.status, response.headers, limits)
        kept = step.stream and is_stream(response.status, response.headers)
        if kept:
            return Answer(response.status, response.headers, None), (response, incoming)
        async for piece in response:
            incoming.keep(piece)
            if ends is not None and seconds() > ends:
                raise late(step.request)
        return incoming.answer(), None
    finally:
        if not kept:
            await response.aclose()


def _arrived(
    step: Send, response: AsyncResponse, limits: Limits, seconds: Seconds, ends: float | None
) -> Answer | None:
    """The answer where all of it is there and nothing is left to close; None where it has to be read.

    A response says so by a method that need not be there, `arrived() -> bytes | None`: the whole body as it came, or
    None. It is called once, before anything else is done with the response.
    """
    take: Callable[[], bytes | None] | None = getattr(response, "arrived", None)
    body = None if take is None or step.stream else take()
    if body is None:
        return None
    incoming = Incoming(step.request, response.status, response.headers, limits)
    incoming.keep(body)
    if ends is not None and seconds() > ends:
        raise late(step.request)
    return incoming.answer()


def late(request: Request) -> TransportTimeout:
    """The error for an answer that is still coming when the call's time is up."""
    return TransportTimeout(
        f"{request.url} did not finish its answer in time",
        "allow more time (RetryPolicy.deadline), or use another endpoint; a repeat may be billed again",
        sent=True,
    )
