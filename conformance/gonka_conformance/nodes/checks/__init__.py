"""What is asked of a node, by subject: a module adds its checks to the list when it is imported.

The order of the imports is the order of the exam: what is read first, what is billed and what is rough last.
"""

from __future__ import annotations

from .listing import NODE_CHECKS

# isort: off
from . import reading  # noqa: F401
from . import bodies  # noqa: F401
from . import accounts  # noqa: F401
from . import signatures  # noqa: F401
from . import spellings  # noqa: F401
from . import headers  # noqa: F401
from . import order  # noqa: F401
from . import times  # noqa: F401
from . import replays  # noqa: F401
from . import answers  # noqa: F401
from . import gone  # noqa: F401
from . import gateways  # noqa: F401
from . import roughly  # noqa: F401
# isort: on

__all__ = ["NODE_CHECKS"]
