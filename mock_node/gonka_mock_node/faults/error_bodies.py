"""Errors in the shapes in which they come from a node, a gateway, or the nginx in front of a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from gonka_mock_node.reply import Reply, go_json, refused, whole

_NGINX: Final = "nginx/1.28.0"
_OLDER_WORDS: Final = {
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    416: "Requested Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
_NGINX_WORDS: Final = {
    401: "Authorization Required",
    405: "Not Allowed",
    408: "Request Time-out",
    414: "Request-URI Too Large",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


def reason(status: int) -> str:
    """What Go calls a status; its number where it has no name."""
    named = {item.value: item.phrase for item in HTTPStatus}
    return _OLDER_WORDS.get(status) or named.get(status, str(status))


def from_node(status: int, text: str) -> Reply:
    """`{"error": text}`, `protocol.md` §3.1."""
    return refused(status, text)


def from_gateway(status: int, text: str) -> Reply:
    """An error after the request was handed on (`protocol.md` §11.4)."""
    return whole(status, go_json({"error": {"message": text}}))


def from_gateway_early(status: int, text: str) -> Reply:
    """An error before that: JSON that says it is plain text, as Go's `http.Error` writes it (`protocol.md` §11.4)."""
    body = go_json({"error": {"message": text}}) + b"\n"
    return whole(status, body, "text/plain; charset=utf-8", (("X-Content-Type-Options", "nosniff"),))


def from_nginx(status: int, _text: str = "") -> Reply:
    """The page that nginx makes itself (`protocol.md` §3.8): HTML with CRLF line ends."""
    title = f"{status} {_NGINX_WORDS.get(status) or reason(status)}"
    lines = (
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<center><h1>{title}</h1></center>",
        f"<hr><center>{_NGINX}</center>",
        "</body>",
        "</html>",
        "",
    )
    return whole(status, "\r\n".join(lines).encode(), "text/html", (("Server", _NGINX),))


def empty(status: int, _text: str = "") -> Reply:
    return Reply(status, length=0)


SHAPES: Final[Mapping[str, Callable[[int, str], Reply]]] = {
    "json": from_node,
    "openai": from_gateway,
    "gateway": from_gateway_early,
    "nginx": from_nginx,
    "empty": empty,
}


def error_reply(status: int, shape: str, text: str, retry_after: str) -> Reply:
    """An error of that shape; an empty `text` is the reason of the status, an empty `retry_after` no header."""
    reply = SHAPES[shape](status, text or reason(status))
    return reply.with_header("Retry-After", retry_after) if retry_after else reply
