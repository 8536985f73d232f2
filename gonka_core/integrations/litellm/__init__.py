"""LiteLLM's custom provider: `litellm.completion(model="gonka/NAME", …)`, sync and async, streaming and not.

    litellm.custom_provider_map = [{"provider": "gonka", "custom_handler": GonkaLLM()}]

`handler` is one that is set up by the environment, for the configuration of LiteLLM's proxy server.
"""

from __future__ import annotations

from typing import Final

from .custom_llm import GonkaLLM

__all__ = ["GonkaLLM", "handler"]

handler: Final = GonkaLLM()
