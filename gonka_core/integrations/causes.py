"""Our error behind that of another library: what it was raised from, or what the response it carries stands for."""

from __future__ import annotations

from collections.abc import Iterator

from gonka_core.errors import GonkaError


def cause_of(error: BaseException | None) -> GonkaError | None:
    """The error of ours that ended in `error`, whatever libraries stand between; None where none did.

    It is `error` itself, its cause, or what was handled when it was raised, as a traceback tells them. An error of the
    OpenAI SDK, which is raised from nothing, has it in its response's `extensions`. Of a group it is the first one's.
    """
    return next((found for each in _behind(error) for found in _ours(each)), None)


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        context = None if each.__suppress_context__ else each.__context__
        inner = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += [context, each.__cause__, *reversed(inner)]


def _ours(error: BaseException) -> Iterator[GonkaError]:
    extensions = getattr(getattr(error, "response", None), "extensions", None)
    told = extensions.get("gonka_error") if isinstance(extensions, dict) else None
    for each in (error, told):
        if isinstance(each, GonkaError):
            yield each
