"""The OpenAI SDK as a worker, as its documentation uses it, with an API key and so without signing.

It is run by the interpreter of an environment that has `openai`; both its generations are asked in the same words.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Final

from benchmarks.peers.serving import Run, Task, in_turn, serve, together

API_KEY: Final = "none"
_SDK: Final[Any] = import_module("openai")


def chat(client: Any, task: Task) -> None:
    task.check_answer(client.chat.completions.create(**task.payload).choices[0].message.content)


def stream(client: Any, task: Task) -> None:
    with client.chat.completions.create(**task.payload, stream=True) as chunks:
        task.check_stream([chunk.choices[0].delta.content for chunk in chunks])


async def _chat(client: Any, task: Task) -> None:
    answer = await client.chat.completions.create(**task.payload)
    task.check_answer(answer.choices[0].message.content)


async def _stream(client: Any, task: Task) -> None:
    async with await client.chat.completions.create(**task.payload, stream=True) as chunks:
        task.check_stream([chunk.choices[0].delta.content async for chunk in chunks])


def _client(task: Task) -> Any:
    return _SDK.OpenAI(base_url=task.url, api_key=API_KEY)


def _async_client(task: Task) -> Any:
    return _SDK.AsyncOpenAI(base_url=task.url, api_key=API_KEY)


def _sync_chat(task: Task) -> AbstractContextManager[Run]:
    return in_turn(_client(task), lambda client: chat(client, task))


def _sync_stream(task: Task) -> AbstractContextManager[Run]:
    return in_turn(_client(task), lambda client: stream(client, task))


def _async_chat(task: Task) -> AbstractContextManager[Run]:
    return together(_async_client(task), lambda client: _chat(client, task))


def _async_stream(task: Task) -> AbstractContextManager[Run]:
    return together(_async_client(task), lambda client: _stream(client, task))


if __name__ == "__main__":
    serve(
        {
            "chat-sync": _sync_chat,
            "chat-async": _async_chat,
            "stream-sync": _sync_stream,
            "stream-async": _async_stream,
        },
        ["openai", "httpx", "httpx2", "pydantic", "sniffio"],
    )
