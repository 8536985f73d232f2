"""The checks for selectors: what all must do, then what those must do that claim something."""

from __future__ import annotations

# Each module adds its checks to the list when it is imported; what all must do comes first.
from . import checks_choice as checks_choice
from . import checks_keeping as checks_keeping
from . import checks_memory as checks_memory
from . import checks_shares as checks_shares
from .listed import SELECTOR_CHECKS

__all__ = ["SELECTOR_CHECKS"]
