"""A patient on a mock network, and what stands in front of a node: TLS, a portal, a proxy that changes what it says."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gonka_core.clock import WallClock
from gonka_core.doctor import Finding, Given, examine
from gonka_core.keys import PrivateKey
from gonka_core.resolve import signer
from gonka_mock_node import MockNetwork

KEY: Final = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS: Final = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
PUBLIC_KEY: Final = signer("auto", lambda: PrivateKey.from_hex(KEY)).public_key
OTHER_KEY: Final = signer("auto", lambda: PrivateKey(b"\x07" * 32)).public_key
API_KEY: Final = "sk-of-the-bedside-0123456789"


@dataclass
class Bed:
    """A network, and what its user has set. Sabotage one or the other; then `findings`."""

    network: MockNetwork
    environ: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    place: Path = Path()

    @property
    def url(self) -> str:
        return self.network.nodes[0].url

    def findings(self) -> list[Finding]:
        given: dict[str, Any] = {"environ": self.environ, "timeout_s": 20.0, **self.options}
        return list(examine(Given(**given)))

    def goes_through(self, url: str) -> None:
        """Let requests take another way to the first node."""
        self.environ["GONKA_ENDPOINT"] = url

    def finds_nodes(self, verify: str = "none", **options: Any) -> None:
        """Let nodes be found through the first one, rather than be configured."""
        for name in ("GONKA_ENDPOINT", "GONKA_PROVIDER_ADDRESS"):
            self.environ.pop(name)
        self.environ["GONKA_SOURCE_URL"] = self.url.removesuffix("/v1")
        self.options |= {"verify": verify} | options

    def calls_a_broker(self, key: str = API_KEY) -> None:
        self.environ.clear()
        self.environ |= {"GONKA_BROKER_URL": self.url, "GONKA_BROKER_API_KEY": key, "GONKA_MODEL": "test"}


@contextmanager
def bed(profile: str = "seed", place: Path = Path()) -> Iterator[Bed]:
    """A healthy one: two nodes, an account with a published key and coins, everything configured."""
    with MockNetwork(2, profile=profile, accounts="listed", explain=False) as network:
        network.fund(PUBLIC_KEY)
        node = network.nodes[0]
        environ = {
            "GONKA_PRIVATE_KEY": KEY,
            "GONKA_ENDPOINT": node.url,
            "GONKA_PROVIDER_ADDRESS": node.provider_address,
        }
        yield Bed(network, environ, place=place)


def shifted(seconds: float) -> WallClock:
    """A clock that is wrong by so much."""
    return WallClock(lambda: time.time_ns() + int(seconds * 1e9))


def free_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Said(NamedTuple):
    """An answer on its way back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Change = Callable[[str, Mapping[str, str], Said], Said]
"""From a path, the request's headers and what the node said, to what is passed on."""


def as_it_is(_path: str, _headers: Mapping[str, str], said: Said) -> Said:
    return said


@contextmanager
def front(node_url: str, change: Change = as_it_is, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server in front of a node; yields its base URL. With a context it speaks TLS."""
    server = _Server(("127.0.0.1", 0), _handler(node_url, change))
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that refuse a certificate go without a word."""


def _handler(node_url: str, change: Change) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = change(self.path, {name.lower(): value for name, value in self.headers.items()}, self._relayed())
            self.send_response_only(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said.body)

        def _relayed(self) -> Said:
            place = urlsplit(node_url)
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
            try:
                connection.request("GET", urlsplit(self.path)._replace(scheme="", netloc="").geturl())
                answer = connection.getresponse()
                kept = {name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "date")}
                return Said(answer.status, kept, answer.read())
            finally:
                connection.close()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nobody wants to read it."""

    return Handler


class Certificate(NamedTuple):
    """Files in PEM: a server's own, with its key, and that of the authority that signed it."""

    server: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.server)
        return made


def certificate(
    place: Path, *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 1), self_signed: bool = False
) -> Certificate:
    """One for a host (an address or a name), valid between so many days from now, by an authority made for it."""
    key, authority_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("an authority", authority_key, "an authority", authority_key, (-400, 400), None)
    issuer = (host, key) if self_signed else ("an authority", authority_key)
    own = _certificate(host, key, *issuer, days, host)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = Certificate(place / "server.pem", place / "authority.pem")
    made.server.write_bytes(own + private)
    made.authority.write_bytes(authority)
    return made


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
    host: str | None,
) -> bytes:
    now = datetime.now(UTC)
    begun = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
    )
    if host is not None:
        begun = begun.add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
    return begun.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
