"""`endpoints.json`: which endpoints a client may use (`protocol.md` §3.9, §6.6, §10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from . import environment_cases, participant_cases
from .outline import Flag, Vector, VectorFile
from .schema import ADDRESS, DECIMAL, TEXT, WORDS, Schema, array, either, mapping, one_of, record

FLAGS: Final = {
    "v1-appended": Flag("The URL does not end in `/v1`.", "`/v1` left out, or a slash doubled."),
    "v1-once": Flag("The URL ends in `/v1`, or in something like it.", "`/v1/v1`, or `/v10` taken for it."),
    "url-kept": Flag("Host, port and path that are unusual.", "A port, a path or an IPv6 host that gets lost."),
    "url-refused": Flag("No base URL of a node.", "Credentials or a query that are sent to a stranger."),
    "environment-list": Flag("`GONKA_ENDPOINTS`: `url;address`, separated by commas.", "Blanks or empty entries kept."),
    "environment-one": Flag("`GONKA_ENDPOINT` and `GONKA_PROVIDER_ADDRESS`.", "The pair read although a list is set."),
    "broker": Flag("`GONKA_BROKER_URL` and `GONKA_BROKER_API_KEY`.", "An address demanded from a broker."),
    "nothing-set": Flag("No endpoint at all.", "Falling back to an endpoint that is built in."),
    "address-refused": Flag("An entry without an address, or with one that is none.", "Signing for an empty provider."),
    "block-object": Flag("`block` is one object.", "Nothing: this is how nodes answer today."),
    "block-list": Flag("`block` is a list of blocks, or null.", "A reader that fails on a part it does not need."),
    "string-numbers": Flag("v0.2.15: numbers are strings.", "Weights that are text, or compared as text."),
    "excluded": Flag("Participants that were thrown out are listed all the same.", "Asking them."),
    "allow-list": Flag("The chain lists who may pass requests on.", "Asking others: 403."),
    "empty-allow-list": Flag("An empty list allows everyone.", "No endpoint left (the official SDKs, §10)."),
    "incomplete": Flag("Entries without address, URL, weight or models.", "A failure because of one bad entry."),
    "large-weight": Flag("A weight beyond 2^53.", "Numbers that go through a double."),
    "no-participants": Flag("The list is left out where it is empty.", "A failure where the answer is: none."),
    "repeated": Flag("The same participant twice.", "One that is asked twice as often as its weight says."),
}
URL_REASONS: Final = ("scheme", "no-host", "credentials", "query-or-fragment", "malformed")
ENVIRONMENT_REASONS: Final = ("nothing-given", "address-missing", "address-invalid", "url-invalid", "api-key-missing")

_REASONS: Final = {
    "scheme": "It is not http or https.",
    "no-host": "It names no host that can be used.",
    "credentials": "It carries a user name or a password.",
    "query-or-fragment": "It carries a query or a fragment.",
    "malformed": "It is no URL.",
    "nothing-given": "No variable names an endpoint.",
    "address-missing": "A URL of a node comes without the address of its provider.",
    "address-invalid": "The provider's address is no account address of the network.",
    "url-invalid": "The URL is refused, as in the vectors of type `url`.",
    "api-key-missing": "A broker comes without its key.",
}


def _error(reasons: tuple[str, ...]) -> Schema:
    return record({"error": one_of(reasons)})


_ENDPOINT: Final = either(
    record({"url": WORDS, "authorization": {"const": "signature"}, "provider_address": ADDRESS}),
    record({"url": WORDS, "authorization": {"const": "api-key"}}),
)
_LISTED: Final = record({"url": WORDS, "provider_address": ADDRESS, "weight": DECIMAL, "models": array(WORDS)})
_SCHEMA: Final = either(
    record({"type": {"const": "url"}, "url": TEXT, "expected": either(record({"url": WORDS}), _error(URL_REASONS))}),
    record(
        {
            "type": {"const": "environment"},
            "environment": mapping(TEXT),
            "expected": either(record({"endpoints": array(_ENDPOINT)}), _error(ENVIRONMENT_REASONS)),
        }
    ),
    record(
        {
            "type": {"const": "participants"},
            "document": {"type": "object", "required": ["active_participants"]},
            "allowed_transfer_addresses": array(ADDRESS),
            "expected": record({"endpoints": array(_LISTED)}),
        }
    ),
)


def _vectors() -> Iterator[Vector]:
    for comment, flag, url, expected in environment_cases.URLS:
        key = "error" if expected in URL_REASONS else "url"
        yield _vector("url", comment, (flag,), url=url, expected={key: expected})
    for comment, flag, environment, found in environment_cases.ENVIRONMENTS:
        given = {"error": found} if isinstance(found, str) else {"endpoints": list(found)}
        yield _vector("environment", comment, (flag,), environment=environment, expected=given)
    for case in participant_cases.cases():
        yield _vector(
            "participants",
            case.comment,
            case.flags,
            document=case.document,
            allowed_transfer_addresses=list(case.allowed),
            expected={"endpoints": list(case.expected)},
        )


def _vector(kind: str, comment: str, flags: tuple[str, ...], **fields: Any) -> Vector:
    return Vector(comment, flags, {"type": kind, **fields})


def file() -> VectorFile:
    """The whole file."""
    return VectorFile(
        "endpoints",
        "from what a client is told, or reads from the network, to the endpoints it may use",
        FLAGS,
        tuple(_vectors()),
        ("protocol.md", "gonka_core"),
        _SCHEMA,
        {"reasons": _REASONS},
        {"reasons": mapping(WORDS)},
    )
