"""URLs that strangers tell, and what may be asked of them.

A participant names its own URL, and nobody checks it (`protocol.md` §6.6): whoever registers `http://169.254.169.254`
or `http://127.0.0.1:6379` would have every client in the world knock there. So each URL is looked at before it becomes
an endpoint. Every host is at one of four places:

    public      anything else
    private     private networks (RFC 1918, RFC 4193), shared space of providers (RFC 6598), names that are not of the
                public DNS: `*.internal`, `*.local`, `*.home.arpa`, or no dot at all
    loopback    127.0.0.0/8, ::1, `localhost` and names that end in it
    never       link-local, multicast, unspecified and reserved addresses; IPv6 addresses that carry an IPv4 address;
                every spelling that another program may read as another host

**2026-11-30, how far a source may reach.** A source names nodes that are no nearer to us than it is itself: a public
source names public ones; one on a private network also private ones, yet not our own machine; one on loopback, which is
how networks for tests run, names all three. `Network.private` overrules that: True allows all three, False public ones
only. What is never allowed stays so.

A public name can resolve to a private address. Nothing is resolved here, and what it resolves to may change a moment
later: where that matters, only a proxy or a firewall on the way out helps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from gonka_core.endpoints import normalised_url
from gonka_core.errors import InvalidEndpointError, MissingSettingError
from gonka_core.nodetext import quoted

Place: TypeAlias = Literal["public", "private", "loopback", "never"]
Reach: TypeAlias = Literal["public", "private", "loopback"]
"""The farthest place, from the public network towards this machine, in which a URL is accepted."""

_REACHES: Final[tuple[Reach, ...]] = ("public", "private", "loopback")
LONGEST_URL: Final = 2048

_IPV4: Final = tuple(
    (ip_network(block), place, what)
    for block, place, what in (
        ("127.0.0.0/8", "loopback", "a loopback address"),
        ("10.0.0.0/8", "private", "a private address"),
        ("172.16.0.0/12", "private", "a private address"),
        ("192.168.0.0/16", "private", "a private address"),
        ("198.18.0.0/15", "private", "an address for benchmarks"),
        ("100.64.0.0/10", "private", "an address of the shared space behind a provider's NAT"),
        ("0.0.0.0/8", "never", "an unspecified address"),
        ("169.254.0.0/16", "never", "a link-local address"),
        ("168.63.129.16/32", "never", "the address under which a cloud serves its guests"),
        ("192.0.0.0/24", "never", "a reserved address"),
        ("192.88.99.0/24", "never", "an address of 6to4 relays"),
        ("224.0.0.0/4", "never", "a multicast address"),
        ("240.0.0.0/4", "never", "a reserved address"),
    )
)
_IPV6: Final = tuple(
    (ip_network(block), place, what)
    for block, place, what in (
        ("::1/128", "loopback", "a loopback address"),
        ("::/128", "never", "an unspecified address"),
        ("::ffff:0:0/96", "never", "an IPv4 address in IPv6 form"),
        ("::/96", "never", "an IPv4 address in IPv6 form"),
        ("64:ff9b::/96", "never", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "never", "an IPv4 address behind NAT64"),
        ("2002::/16", "never", "an IPv4 address behind 6to4"),
        ("2001::/32", "never", "an IPv4 address behind Teredo"),
        ("fc00::/7", "private", "a private address"),
        ("fec0::/10", "private", "a private address"),
        ("fe80::/10", "never", "a link-local address"),
        ("ff00::/8", "never", "a multicast address"),
    )
)
_GLOBAL: Final = ip_network("2000::/3")
"""All that is given out for the public network so far."""

_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_LOCAL: Final = (".local", ".internal", ".home.arpa", ".lan", ".home", ".corp", ".intranet", ".private")

# fmt: off
_BAD_PORTS: Final = frozenset((
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
    526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211,
))
# fmt: on
"""Ports of services that take HTTP for commands of their own: those of the Fetch standard, Redis and memcached."""


class Site(NamedTuple):
    """Where a host is, and what it is, in words."""

    place: Place
    what: str


def sources(given: str | Iterable[str]) -> tuple[str, ...]:
    """Base URLs of nodes, without `/v1`, each once; as text with commas, or one by one.

    Raises `InvalidEndpointError` for one that is no http or https URL, `MissingSettingError` for none.
    """
    entries = given.split(",") if isinstance(given, str) else given
    found = dict.fromkeys(normalised_url(entry.strip()).removesuffix("/v1") for entry in entries if entry.strip())
    if not found:
        raise MissingSettingError(
            "there is no source to learn from who takes part", "give the URL of a node, or set GONKA_SOURCE_URL"
        )
    return tuple(found)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: who answers, whatever the path. For URLs that `normalised_url` accepts."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)


def reach_of(source: str, private: bool | None = None) -> Reach:
    """How far the nodes that a source names may be, with `Network.private` as given."""
    if private is not None:
        return "loopback" if private else "public"
    place = site_of(urlsplit(source).hostname or "").place
    return "public" if place == "never" else place


def is_loopback(source: str) -> bool:
    """Whether a source is on this machine."""
    return site_of(urlsplit(source).hostname or "").place == "loopback"


def refused(url: str, reach: Reach = "public") -> str | None:
    """Why a URL that a stranger tells is not asked; None where it may be."""
    if len(url) > LONGEST_URL:
        return f"its URL has more than {LONGEST_URL} characters"
    try:
        parts = urlsplit(normalised_url(url))
    except InvalidEndpointError as error:
        return quoted(error.problem.replace("the endpoint URL", "its URL"))
    # Looked at before anything makes small letters of it: the sign for kelvin becomes a k.
    if not parts.netloc.isascii():
        return "its URL names a host that is not written in ASCII"
    if parts.port in _BAD_PORTS:
        return f"its URL names port {parts.port}, where no node is"
    site = site_of(parts.hostname or "")
    if site.place == "never" or _REACHES.index(site.place) > _REACHES.index(reach):
        return f"its URL names {site.what}"
    return None


def site_of(host: str) -> Site:
    """Where a host is: a name, an IPv4 address, or an IPv6 address without its brackets."""
    host = host.lower()
    if ":" in host:
        return _site_of_ipv6(host)
    labels = host.split(".")
    if labels[-1] == "" and len(labels) > 1:
        return Site("never", "a host that ends in a dot")
    if _NUMBER.fullmatch(labels[-1]):
        return _site_of_ipv4(host)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return Site("never", "a host that is no name of the DNS")
    return _site_of_name(host)


def _site_of_name(host: str) -> Site:
    if host == "localhost" or host.endswith((".localhost", ".localdomain")):
        return Site("loopback", "this machine")
    if "." not in host or host.endswith(_LOCAL):
        return Site("private", "a host of a private network")
    return Site("public", "a public host")


def _site_of_ipv4(host: str) -> Site:
    """Libraries read 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1: only the four decimal numbers are let through."""
    try:
        address = IPv4Address(host)
    except ValueError:
        return Site("never", "an IPv4 address in an unusual spelling")
    for network, place, what in _IPV4:
        if address in network:
            return Site(_place(place), what)
    return Site("public", "a public address")


def _site_of_ipv6(host: str) -> Site:
    try:
        address = IPv6Address(host)
    except ValueError:
        return Site("never", "an address that is none")
    if address.scope_id is not None:
        return Site("never", "an address with a zone")
    for network, place, what in _IPV6:
        if address in network:
            return Site(_place(place), what)
    return Site("public", "a public address") if address in _GLOBAL else Site("never", "a reserved address")


def _place(name: str) -> Place:
    return "loopback" if name == "loopback" else "private" if name == "private" else "never"
