"""Which URLs of strangers are asked, and which spelling of a host gets through."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.discovery.urls import LONGEST_URL, Reach, origin, reach_of, refused, site_of, sources
from gonka_core.endpoints import Endpoint, normalised_url
from gonka_core.errors import InvalidEndpointError, MissingSettingError

ADDRESS = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"

PUBLIC = [
    "http://node1.gonka.ai:8000",
    "https://node3.gonka.ai",
    "https://node3.gonka.ai/v1",
    "http://36.189.234.237:17241",
    "http://203.0.113.7:17241/",
    "http://[2606:4700:4700::1111]:8000",
    "http://gonka.spv.re:8000/behind/a/path",
    "http://xn--e1afmkfd.xn--p1ai",
    "http://NODE.Example.COM",
    "http://host_with.under_scores.example",
    "http://172.32.0.1",
    "http://126.255.255.255",
    "http://128.0.0.1",
    "http://11.0.0.1",
    "http://100.128.0.1",
    "http://1.2.3.4.example",
]
PRIVATE = [
    "http://10.0.0.1",
    "http://172.16.0.1",
    "http://172.31.255.255:8000/v1",
    "http://192.168.1.1",
    "http://100.64.0.1",
    "http://100.100.100.200",
    "http://198.18.0.1",
    "http://[fd00:ec2::254]",
    "http://[fc00::1]",
    "http://[fec0::1]",
    "http://node:8000",
    "http://node.internal",
    "http://metadata.google.internal",
    "http://printer.local",
    "http://NODE.LOCAL",
    "http://router.home.arpa",
]
LOOPBACK = [
    "http://127.0.0.1:8000",
    "http://127.255.255.254",
    "http://[::1]:8000",
    "http://[0:0:0:0:0:0:0:1]",
    "http://localhost",
    "http://LOCALHOST:8080",
    "http://a.localhost",
    "http://localhost.localdomain",
]
NEVER = [
    "http://0.0.0.0",
    "http://0.1.2.3",
    "http://169.254.169.254",
    "http://168.63.129.16",
    "http://192.0.0.192",
    "http://192.88.99.1",
    "http://224.0.0.1",
    "http://239.255.255.255",
    "http://240.0.0.1",
    "http://255.255.255.255",
    "http://[::]",
    "http://[fe80::1]",
    "http://[fe80::1%25eth0]",
    "http://[2606:4700:4700::1111%25eth0]",
    "http://[::1%25lo]",
    "http://[ff02::1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::ffff:8.8.8.8]",
    "http://[::127.0.0.1]",
    "http://[2002:7f00:1::]",
    "http://[64:ff9b::7f00:1]",
    "http://[64:ff9b:1::7f00:1]",
    "http://[2001:0:53aa:64c::1]",
    "http://[4000::1]",
    "http://[100::1]",
    "http://2130706433",
    "http://0x7f000001",
    "http://017700000001",
    "http://127.1",
    "http://127.0.1",
    "http://0x7f.1",
    "http://0x7f.0.0.0x1",
    "http://0177.0.0.1",
    "http://127.0.0.01",
    "http://256.1.1.1",
    "http://1.2.3.4.5",
    "http://08.8.8.8",
    "http://foo.0x1",
    "http://foo.1",
    "http://0x",
    "http://127.0.0.1.",
    "http://localhost.",
    "http://node.example.",
    "http://.",
    "http://１２７.0.0.1",
    "http://127。0。0。1",
    "http://①②⑦.0.0.1",
    "http://ⓛocalhost",
    "http://\u212aube.example",
    "http://пример.рф",
    "http://%31%32%37.0.0.1",
    "http://127.0.0.1%00.example",
    "http://127.0.0.1\\.example",
    "http://a..example",
    "http://-a.example",
    "http://" + "a" * 64 + ".example",
    "http://" + "a." * 130 + "example",
    "http://node.example:0",
    "http://node.example:22",
    "http://node.example:6379",
    "http://node.example:11211",
    "http://node.example:65536",
    "http://node.example:-1",
    "http://node.example:port",
    "ftp://node.example",
    "file:///etc/passwd",
    "gopher://node.example",
    "javascript:alert(1)",
    "//node.example",
    "node.example:8000",
    "http://",
    "http://user@node.example",
    "http://user:password@node.example",
    "http://node.example@127.0.0.1",
    "http://node.example\\@127.0.0.1",
    "http://node.example?x=1",
    "http://node.example/#x",
    "http://node example",
    "http://node.example\n",
    "http://node.exam\tple",
    "http://node\u200b.example",
    "http://[::1",
    "http://[]",
    "http://[node.example]",
    "http://[1.2.3.4]",
    "",
    "http://node.example/" + "a" * LONGEST_URL,
]


def places() -> list[tuple[str, str]]:
    return [
        *((url, "public") for url in PUBLIC),
        *((url, "private") for url in PRIVATE),
        *((url, "loopback") for url in LOOPBACK),
        *((url, "never") for url in NEVER),
    ]


@pytest.mark.parametrize("reach", ["public", "private", "loopback"])
@pytest.mark.parametrize(("url", "place"), places())
def test_a_url_is_asked_as_far_as_a_source_reaches(url: str, place: str, reach: Reach) -> None:
    order = ["public", "private", "loopback", "never"]
    reason = refused(url, reach)
    assert (reason is None) == (order.index(place) <= order.index(reach))
    assert reason is None or reason.startswith("its URL") or "malformed" in reason


def test_a_reason_is_one_short_line() -> None:
    for url in NEVER:
        reason = refused(url)
        assert reason is not None
        assert reason.isprintable()
        assert len(reason) <= 300


def test_reasons_tell_apart() -> None:
    told = {
        refused(url) for url in ("http://127.0.0.1", "http://10.1.1.1", "http://127.1", "http://a.b:0", "http://a.")
    }
    assert len(told) == 5
    assert None not in told


@pytest.mark.parametrize(
    ("source", "private", "reach"),
    [
        ("http://node1.gonka.ai:8000", None, "public"),
        ("http://203.0.113.7", None, "public"),
        ("http://10.0.0.1:8000", None, "private"),
        ("http://node.internal", None, "private"),
        ("http://127.0.0.1:8000", None, "loopback"),
        ("http://localhost:8000", None, "loopback"),
        ("http://[::1]:8000", None, "loopback"),
        ("http://127.1:8000", None, "public"),
        ("http://169.254.1.1", None, "public"),
        ("http://127.0.0.1:8000", False, "public"),
        ("http://node1.gonka.ai:8000", True, "loopback"),
    ],
)
def test_how_far_a_source_reaches(source: str, private: bool | None, reach: Reach) -> None:
    assert reach_of(source, private) == reach


@given(st.ip_addresses(v=4))
def test_ipv4_as_the_standard_library_knows_it(address: ipaddress.IPv4Address) -> None:
    """An independent list: what it calls global may be asked, and what it does not, but for examples, may not."""
    examples = any(
        address in ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    )
    known = address in ipaddress.ip_network("192.88.99.0/24") or str(address) == "168.63.129.16"
    usable = (address.is_global and not address.is_multicast and not known) or examples
    assert (site_of(str(address)).place == "public") == (usable and address not in ipaddress.ip_network("192.0.0.0/24"))


@given(st.ip_addresses(v=6))
def test_ipv6_that_is_public_is_global(address: ipaddress.IPv6Address) -> None:
    if site_of(str(address)).place == "public":
        assert address in ipaddress.ip_network("2000::/3")
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None
    assert (site_of(str(address)).place == "loopback") == address.is_loopback


@given(st.ip_addresses(v=4), st.sampled_from(["decimal", "hex", "octal", "short", "mapped", "6to4", "nat64"]))
def test_no_other_spelling_of_an_ipv4_address_gets_through(address: ipaddress.IPv4Address, way: str) -> None:
    number = int(address)
    spelt = {
        "decimal": str(number),
        "hex": hex(number),
        "octal": f"0{number:o}",
        "short": f"{number >> 24}.{number & 0xFFFFFF}",
        "mapped": f"[::ffff:{address}]",
        "6to4": f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        "nat64": f"[64:ff9b::{address}]",
    }[way]
    assert refused(f"http://{spelt}:8000", "loopback") is not None


@given(st.text(max_size=40) | st.from_regex(r"https?://[^/]{0,20}(:\d{1,6})?/?.{0,10}", fullmatch=True))
def test_any_text_is_refused_or_an_endpoint(text: str) -> None:
    if refused(text, "loopback") is None:
        endpoint = Endpoint(text, ADDRESS)
        host = urlsplit(endpoint.url).hostname
        assert host is not None
        assert host.isascii()
        assert "%" not in host


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ("http://a.example", ("http://a.example",)),
        ("http://a.example/v1", ("http://a.example",)),
        (" http://a.example/ , ,http://b.example:8000/v1/", ("http://a.example", "http://b.example:8000")),
        (["http://a.example", "http://a.example/v1"], ("http://a.example",)),
        (("http://127.0.0.1:1", ""), ("http://127.0.0.1:1",)),
        ("http://a.example/x", ("http://a.example/x",)),
    ],
)
def test_sources(given_: str | list[str], found: tuple[str, ...]) -> None:
    assert sources(given_) == found


@pytest.mark.parametrize("none", ["", " , ", (), ("",)])
def test_no_source(none: str | tuple[str, ...]) -> None:
    with pytest.raises(MissingSettingError, match="GONKA_SOURCE_URL"):
        sources(none)


@pytest.mark.parametrize("wrong", ["a.example", "ftp://a.example", "http://u:p@a.example", "http://a.example?x"])
def test_a_source_that_is_no_url(wrong: str) -> None:
    with pytest.raises(InvalidEndpointError):
        sources(wrong)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("http://A.example/x") == origin("http://a.example:80/y/v1") == ("http", "a.example", 80)
    assert origin("https://a.example") == ("https", "a.example", 443)
    assert len({origin(url) for url in ("http://a.example", "https://a.example", "http://a.example:81")}) == 3
    assert origin("http://a.example.") == origin("http://a.example")


def test_what_is_let_through_is_what_the_endpoint_has() -> None:
    for url in PUBLIC:
        assert Endpoint(url, ADDRESS).url == normalised_url(url)
