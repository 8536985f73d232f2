"""The network's official SDK as a worker, made as its README makes it. It has a synchronous client only.

It is run by the interpreter of an environment that has `gonka-openai`. Endpoints that are handed in are taken as they
are, so that nothing is discovered and nobody but the canned server is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, Final

from benchmarks.peers.openai_sdk import chat, stream
from benchmarks.peers.serving import Run, Task, in_turn, serve

_SDK: Final[Any] = import_module("gonka_openai")
_LOG: Final = logging.getLogger("httpx")


def _client(task: Task) -> Any:
    endpoint = _SDK.Endpoint(url=task.url, address=task.provider_address)
    return _SDK.GonkaOpenAI(gonka_private_key=task.private_key, endpoints=[endpoint])


def _chat(task: Task) -> AbstractContextManager[Run]:
    return in_turn(_client(task), lambda client: chat(client, task))


@contextmanager
def _chat_quiet(task: Task) -> Iterator[Run]:
    """Without the line in the log for every request, which the SDK turns on when it is imported."""
    with _chat(task) as run:

        def quiet(times: int) -> None:
            _LOG.setLevel(logging.WARNING)
            run(times)
            _LOG.setLevel(logging.NOTSET)

        yield quiet


def _stream(task: Task) -> AbstractContextManager[Run]:
    return in_turn(_client(task), lambda client: stream(client, task))


if __name__ == "__main__":
    serve(
        {"chat-sync": _chat, "chat-sync-quiet": _chat_quiet, "stream-sync": _stream},
        ["gonka-openai", "openai", "httpx", "ecdsa", "sniffio"],
    )
