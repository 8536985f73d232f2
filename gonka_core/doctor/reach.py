"""The way to an endpoint, without HTTP: its name, its port, its certificate. By the standard library alone."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.request import getproxies, proxy_bypass

from .findings import Finding, ok, unknown, wrong
from .patient import Patient, Place

Result = TypeVar("Result")

_MOST_ADDRESSES: Final = 4
_OTHER: Final = "use another endpoint"


def dns(patient: Patient, place: Place) -> Finding:
    """The host's addresses."""
    if _proxied(place):
        place.reached = True
        return unknown("dns", f"a proxy from the environment looks {place.host} up", place.url)
    if _is_address(place.host):
        place.addresses = [(socket.AF_INET6 if ":" in place.host else socket.AF_INET, place.host)]
        return ok("dns", f"{place.host} is an address, no name", place.url)
    try:
        found = _bounded(lambda: socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM), patient)
    except TimeoutError:
        return wrong("dns", f"looking {place.host} up takes too long", "check this machine's DNS server", place.url)
    except (OSError, UnicodeError) as error:
        return wrong(
            "dns",
            f"the name {place.host} cannot be looked up ({_words(error)})",
            f"correct the host in the endpoint's URL, or check this machine's DNS: getent hosts {place.host}",
            place.url,
        )
    place.addresses = list(dict.fromkeys((int(family), str(address[0])) for family, _, _, _, address in found))
    shown = [address for _, address in place.addresses]
    return ok("dns", f"{place.host} is {', '.join(shown[:_MOST_ADDRESSES])}", place.url, addresses=shown)


def tcp(patient: Patient, place: Place) -> Finding:
    """Whether somebody listens at the port, at one of the host's addresses."""
    where = place.where
    if place.reached:
        return unknown("tcp", f"a proxy from the environment connects to {where}", place.url)
    if not place.addresses:
        return unknown("tcp", "the host has no address to connect to", place.url)
    reason, refused = "no address", False
    for address in place.addresses[:_MOST_ADDRESSES]:
        try:
            _connected(address, place.port, patient.asker.timeout_s).close()
        except OSError as error:
            reason, refused = _words(error), isinstance(error, ConnectionRefusedError)
            continue
        place.addresses = [address]
        place.reached = not place.secure
        return ok("tcp", f"{where} takes connections", place.url)
    place.addresses = []
    if refused:
        return wrong(
            "tcp",
            f"nobody listens at {where} (connection refused)",
            f"start the node, correct the port in the endpoint's URL, or {_OTHER}",
            place.url,
        )
    return wrong("tcp", f"{where} cannot be reached ({reason})", f"check network and firewall, or {_OTHER}", place.url)


def tls(patient: Patient, place: Place) -> Finding:
    """Whether the certificate is one that a client trusts for that host."""
    if not place.secure:
        return ok("tls", "not used: the URL begins with http://", place.url)
    if place.reached:
        return unknown("tls", "a proxy from the environment stands between", place.url)
    if not place.addresses:
        return unknown("tls", "nobody was reached who could show a certificate", place.url)
    try:
        with (
            _connected(place.addresses[0], place.port, patient.asker.timeout_s) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=place.host) as secured,
        ):
            version = secured.version()
    except ssl.SSLCertVerificationError as error:
        return _trusted_after_all(patient, place) or wrong("tls", *_about_certificate(error, place), place.url)
    except (OSError, ValueError) as error:
        return wrong("tls", *_about_handshake(error, place), place.url)
    place.reached = True
    return ok("tls", f"the certificate is good for {place.host} ({version})", place.url, version=version)


def _trusted_after_all(patient: Patient, place: Place) -> Finding | None:
    """A transport may have authorities of its own: what counts is whether a client would be served."""
    if patient.asker.read(place.endpoint, "/v1/status").answer is None:
        return None
    place.reached = True
    return ok("tls", "the transport trusts the certificate, although Python's own store does not", place.url)


def _about_certificate(error: ssl.SSLCertVerificationError, place: Place) -> tuple[str, str]:
    """What OpenSSL's `X509_V_ERR_…` number means, and what to do."""
    renew = f"have the operator of {place.host} renew it, or {_OTHER}"
    clock = "if it is not expired by other clocks, set this machine's"
    known: dict[int, tuple[str, str]] = {
        9: (f"the certificate of {place.host} is not valid yet", f"set this machine's clock, or {_OTHER}"),
        10: (f"the certificate of {place.host} has expired", f"{renew}; {clock}"),
        18: (f"the certificate of {place.host} is self-signed", _vouch()),
        19: (f"the certificate of {place.host} is self-signed by an authority that is not trusted", _vouch()),
        20: (f"the certificate of {place.host} is by an authority that is not trusted", _vouch()),
    }
    other_host = (
        f"the certificate is for another host than {place.host}",
        f"write the host that it is for into the endpoint's URL, or {_OTHER}",
    )
    known |= {62: other_host, 64: other_host}
    return known.get(error.verify_code) or (
        f"the certificate of {place.host} is not good ({error.verify_message})",
        renew,
    )


def _vouch() -> str:
    return f"if you trust it, name its authority's file in SSL_CERT_FILE; else {_OTHER}"


def _about_handshake(error: Exception, place: Place) -> tuple[str, str]:
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return (
            f"{place.where} does not speak TLS",
            f"write http:// in the endpoint's URL if that is meant, or {_OTHER}",
        )
    return f"no TLS with {place.where} ({_words(error)})", f"check what stands between, or {_OTHER}"


def _connected(address: tuple[int, str], port: int, patience: float) -> socket.socket:
    return socket.create_connection((address[1], port), timeout=patience)


def _proxied(place: Place) -> bool:
    scheme = "https" if place.secure else "http"
    found = getproxies()
    return bool((found.get(scheme) or found.get("all")) and not proxy_bypass(place.host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bounded(function: Callable[[], Result], patient: Patient) -> Result:
    """The result of something that knows no timeout; it goes on behind our back where it does not come back.

    Raises `TimeoutError`, and what the function raises.
    """
    results: list[Result] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            results.append(function())
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True, name="gonka-doctor")
    thread.start()
    thread.join(patient.asker.timeout_s)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def _words(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return told or type(error).__name__
