"""Asking strangers for what their public routes tell, without signature. No I/O: parts of flows, but for `asker`.

Whoever is asked may be silent, refuse, or say anything. `heard` is one route of one server, `timed` the time that
several of them share, and `inquiry` one server after another until somebody tells; each is built of the one before.
`asker` carries all of it out over a transport, for those who are no flow themselves.
"""

from __future__ import annotations

from .heard import Heard, object_of
from .inquiry import ALL_S, EACH_S, Inquiry, Told, ask
from .timed import Asking, keyed

__all__ = ["ALL_S", "EACH_S", "Asking", "Heard", "Inquiry", "Told", "ask", "keyed", "object_of"]
