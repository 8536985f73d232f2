"""Faults of the header section: more of it than a client may be ready for."""

from __future__ import annotations

from typing import Final

from gonka_mock_node.reply import Headers, Reply

from .records import Change, Fault, count


def huge_header(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    return reply.with_header("X-Padding", "x" * fault.integer("size"))


def many_headers(fault: Fault, reply: Reply, _earlier: Reply | None) -> Reply:
    more: Headers = tuple((f"X-Padding-{number}", "x") for number in range(1, fault.integer("count") + 1))
    return reply._replace(headers=(*reply.headers, *more))


EFFECTS: Final = (
    Change(
        name="huge-header",
        summary="one header `X-Padding` of that length; many clients give up at 8 KiB, 16 KiB or 64 KiB",
        stands_for="proxies that stack tracing data or cookies",
        parameters={"size": count(65_536, 2**20, "bytes of the header's value", minimum=1)},
        apply=huge_header,
    ),
    Change(
        name="many-headers",
        summary="so many more headers, `X-Padding-1` and on; Python's http.client gives up at 100",
        stands_for="several proxies that each add their own",
        parameters={"count": count(200, 10_000, "headers to add", minimum=1)},
        apply=many_headers,
    ),
)
