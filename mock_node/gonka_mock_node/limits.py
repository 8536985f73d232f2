"""How long and how much a node puts up with from one client. None of it is reached by one that behaves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes.

    `idle_s`: a connection without a complete request, new or kept alive (nginx in front of nodes: 75). `body_s`: a
    body to arrive. `linger_s`: what is still coming after an answer that did not need it. `write_s`: an answer to stay
    unread. `header_bytes`: one header or the request line; `headers`: how many.
    """

    idle_s: float = 75.0
    body_s: float = 30.0
    linger_s: float = 2.0
    write_s: float = 60.0
    headers: int = 1000
    header_bytes: int = 64 * 1024
