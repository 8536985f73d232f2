"""Ready-made observers: pass one, or several, as `on_event` to a client.

`LoggingObserver` writes to the logging of the standard library, `OpenTelemetryObserver` makes spans. What they hear of
is in `gonka_core.events`; what they make of it in `docs/observability.md`.
"""

from __future__ import annotations

from .logs import LoggingObserver
from .otel import OpenTelemetryObserver

__all__ = ["LoggingObserver", "OpenTelemetryObserver"]
