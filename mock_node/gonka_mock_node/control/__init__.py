"""The control plane of a mock network: routes under `/mock/` that no real node has, and the inspector page.

Tests in any language use it to set accounts, clocks, faults and expectations and to read what the nodes saw; people use
the page. docs/mock-control.md describes the routes.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from gonka_mock_node.http_routes import add_route

from . import accounts, clock, expectations, faults, overview, page, params, requests
from .calls import Route
from .door import Door
from .events import Events
from .network import Network

__all__ = ["Network", "attach"]

_ROUTES: Final[tuple[Route, ...]] = (
    *page.ROUTES,
    *overview.ROUTES,
    *requests.ROUTES,
    *accounts.ROUTES,
    *faults.ROUTES,
    *clock.ROUTES,
    *params.ROUTES,
    *expectations.ROUTES,
)


def attach(app: web.Application, network: Network) -> None:
    """Serve the control plane of a network from a node's application, which has not started yet."""
    events = Events(network)
    door = Door(network, (*_ROUTES, Route("GET", "events", events.stream)), events)
    add_route(app, "*", "/mock", _to_the_page)
    add_route(app, "*", "/mock/{path:.*}", door.answer)
    app.on_shutdown.append(events.close)


async def _to_the_page(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=308, headers={"Location": "/mock/", "Cache-Control": "no-store"})
