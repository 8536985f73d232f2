"""How often this process was forked off, counted: what a process id tells too, without asking the system each time."""

from __future__ import annotations

import os

_seen = 0


def seen() -> int:
    """Another number in a forked process than in the one that it came from."""
    return _seen


def _forked() -> None:
    global _seen
    _seen += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
