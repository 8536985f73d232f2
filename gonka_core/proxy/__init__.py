"""The OpenAI API on loopback, for programs that know only a base URL and an API key; requests are signed upstream.

`Proxy` is the server, `ProxyOptions` what it takes and for how long, `new_key` makes the API key that its clients
send. `watch` and `Entry` are for who keeps a log. Needs the extra `proxy` (aiohttp).
"""

from __future__ import annotations

from .access import ProxyKey, new_key
from .entries import Entry, watch
from .options import ProxyOptions
from .serving import Proxy
from .threads import in_thread

__all__ = ["Entry", "Proxy", "ProxyKey", "ProxyOptions", "in_thread", "new_key", "watch"]
