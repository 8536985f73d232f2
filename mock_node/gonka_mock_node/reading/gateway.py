"""What a gateway shows: the models that it offers and how it is (`protocol.md` §11.4)."""

from __future__ import annotations

from typing import Any, Final

from gonka_mock_node.chain.models import Model
from gonka_mock_node.reply import Reply

from .replies import answered
from .routing import Ask

_MOST_TOKENS: Final = 4096
_PARAMETERS: Final = ("max_tokens", "temperature", "top_p", "stop", "stream", "seed", "tools", "tool_choice")


def models(ask: Ask) -> Reply:
    """The models, with what an OpenRouter-style client wants to know of them."""
    created = ask.chain.clock.time_ns // 10**9
    return answered(ask, {"object": "list", "data": [_model(each, created) for each in ask.chain.model_records]})


def status(ask: Ask) -> Reply:
    """The gateway's state: one devshard, nothing in flight."""
    return answered(
        ask,
        {
            "mode": "gateway",
            "devshards": [{"id": "1", "active": True, "models": list(ask.chain.model_names())}],
            "limiter": {"in_flight": 0},
            "capacity": {"available": "capacity" not in ask.chain.outages},
            "runtimes": 1,
        },
    )


def _model(model: Model, created: int) -> dict[str, Any]:
    modalities = {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]}
    return {
        "id": model.id,
        "object": "model",
        "created": created,
        "owned_by": "gonka",
        "name": model.id,
        "description": model.description,
        "context_length": model.context_window,
        "max_completion_tokens": _MOST_TOKENS,
        "architecture": modalities,
        "pricing": {"prompt": "0", "completion": "0", "request": "0"},
        "top_provider": {"context_length": model.context_window, "max_completion_tokens": _MOST_TOKENS},
        "supported_parameters": list(_PARAMETERS),
    }
