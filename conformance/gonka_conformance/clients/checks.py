"""Every client check, in the order of the exam."""

from __future__ import annotations

# Each of these adds its checks to the list, in this order.
from . import checks_requests as checks_requests  # isort: skip
from . import checks_calls as checks_calls  # isort: skip
from . import checks_network as checks_network  # isort: skip
from . import checks_streams as checks_streams  # isort: skip
from . import checks_secrets as checks_secrets  # isort: skip
from .listed import CLIENT_CHECKS

__all__ = ["CLIENT_CHECKS"]
