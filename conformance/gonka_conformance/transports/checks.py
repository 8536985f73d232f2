"""The checks for transports: what goes out, what comes back, how it fails, how long it waits, what it keeps."""

from __future__ import annotations

# Each of these adds its checks to the list, in this order.
from . import checks_sending as checks_sending  # isort: skip
from . import checks_answers as checks_answers  # isort: skip
from . import checks_streams as checks_streams  # isort: skip
from . import checks_failures as checks_failures  # isort: skip
from . import checks_timeouts as checks_timeouts  # isort: skip
from . import checks_connections as checks_connections  # isort: skip
from . import checks_environment as checks_environment  # isort: skip
from .listed import TRANSPORT_CHECKS

__all__ = ["TRANSPORT_CHECKS"]
