"""LiteLLM fetches a list of prices when it is imported, unless it is told to use its own."""

from __future__ import annotations

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["DISABLE_ADMIN_UI"] = "True"
