"""Our answers and errors as LiteLLM's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import httpx

from gonka_core.chunks import Completion
from gonka_core.errors import AddressMismatchError, ConfigurationError, GonkaError, InvalidKeyError, MissingSettingError
from gonka_core.integrations.refusing import refusal
from gonka_core.limits import Limits, parse_object
from gonka_core.sse import EventDecoder

litellm: Any = import_module("litellm")

PROVIDER: Final = "gonka"

_COUNTED: Final = Limits(sse_line_bytes=sys.maxsize, event_bytes=sys.maxsize, json_depth=sys.maxsize)
"""The client has held the stream to its own limits already."""

_ERRORS: Final[Mapping[int, Any]] = {
    400: litellm.BadRequestError,
    401: litellm.AuthenticationError,
    402: getattr(litellm, "PaymentRequiredError", litellm.BadRequestError),
    403: litellm.PermissionDeniedError,
    404: litellm.NotFoundError,
    413: litellm.BadRequestError,
    422: litellm.UnprocessableEntityError,
    429: litellm.RateLimitError,
    500: litellm.InternalServerError,
    503: litellm.ServiceUnavailableError,
}


@contextmanager
def as_litellm(model: str) -> Iterator[None]:
    """Our errors are raised as LiteLLM's from here on, each with ours as its cause."""
    try:
        yield
    except GonkaError as error:
        raise _exception(error, model) from error


def _exception(error: GonkaError, model: str) -> Exception:
    told = refusal(error)
    status = _status(error, told.status)
    more: dict[str, Any] = {"message": str(error), "model": model, "llm_provider": PROVIDER}
    if status == 504:
        late: Exception = litellm.Timeout(**more)
        return late
    kind = _ERRORS.get(status)
    if kind is None:
        other: Exception = litellm.APIError(status_code=status, **more)
        return other
    request = httpx.Request("POST", "https://gonka.invalid/v1/chat/completions")
    answered = httpx.Response(status, headers=dict(told.headers), content=told.content(), request=request)
    known: Exception = kind(response=answered, **more)
    return known


def _status(error: GonkaError, told: int) -> int:
    """LiteLLM repeats what is 500 and above; nothing that is wrong with the settings is mended by that."""
    if isinstance(error, InvalidKeyError | MissingSettingError | AddressMismatchError):
        return 401
    return 400 if isinstance(error, ConfigurationError) else told


def response(completion: Completion | None, empty: Any) -> Any:
    """A completion as the `litellm.ModelResponse` that `empty` is to become."""
    assert completion is not None
    data = dict(completion.data)
    with _held("the answer"):
        return litellm.utils.convert_to_model_response_object(response_object=data, model_response_object=empty)


class Streamed:
    """Events become `litellm.ModelResponseStream`, in the order that LiteLLM wants: what is counted, then the end.

    A node tells why it stopped first, and then what it counted; LiteLLM reads nothing behind the former.
    """

    def __init__(self) -> None:
        self._decoder = EventDecoder(_COUNTED)
        self._last: Mapping[str, Any] = {}
        self._usage: Any = None
        self._ended: dict[int, Any] = {}

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The chunks that a piece of the stream completes."""
        for event in self._decoder.feed(piece):
            data = parse_object(event.data, _COUNTED)
            if data is not None:
                self._usage = data.get("usage") or self._usage
                self._last = data
                with _held("a chunk"):
                    yield from self._said(data)

    def _said(self, data: Mapping[str, Any]) -> Iterator[Any]:
        choices: list[dict[str, Any]] = []
        for choice in data.get("choices") or ():
            index, reason = choice.get("index", 0), choice.get("finish_reason")
            self._ended |= {index: reason} if reason else {}
            if any((choice.get("delta") or {}).values()):
                choices.append({**choice, "finish_reason": None})
        if choices:
            yield _chunk(data, choices=choices)

    def end(self) -> Iterator[Any]:
        """What was counted, and why the model stopped."""
        with _held("a chunk"):
            if self._usage:
                yield _chunk(self._last, choices=[], usage=litellm.Usage(**self._usage))
            ended = self._ended or {0: "stop"}
            choices = [{"index": index, "delta": {}, "finish_reason": reason} for index, reason in ended.items()]
            yield _chunk(self._last, choices=choices)


def _chunk(data: Mapping[str, Any], **said: Any) -> Any:
    named = {name: data.get(name) for name in ("id", "created", "model", "system_fingerprint")}
    return litellm.ModelResponseStream(**named, **said)


@contextmanager
def _held(what: str) -> Iterator[None]:
    """Raises `litellm.APIError` where LiteLLM's types do not take what a node sent."""
    try:
        yield
    except (TypeError, ValueError, AttributeError) as error:
        raise litellm.APIError(
            status_code=502,
            message=f"{what} is none that LiteLLM can hold ({type(error).__name__}); use another endpoint",
            llm_provider=PROVIDER,
            model="",
        ) from error
