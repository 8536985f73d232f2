"""Sabotaged transports, with the checks that must say so, and correct ones that no check may blame."""

from __future__ import annotations

from typing import Final

from gonka_conformance.transports import Mode, TransportSubject, installed_transport
from gonka_conformance.transports.checks import TRANSPORT_CHECKS
from gonka_conformance.transports.subject import TRUSTS_ENVIRONMENT
from gonka_core.hookspecs import AsyncTransportFactory, TransportFactory
from sabotage.record import Correct, Sabotaged

from . import answering as a
from . import failing as f
from . import keeping as k
from . import sending as s
from .correct import AsyncSound, Sound
from .plain import Plain

_ENVIRONMENT: Final = frozenset({TRUSTS_ENVIRONMENT})


def _sabotaged(
    factory: TransportFactory | AsyncTransportFactory,
    caught_by: str,
    words: str,
    bug: str,
    mode: Mode = "sync",
    claims: frozenset[str] = _ENVIRONMENT,
) -> Sabotaged[TransportSubject]:
    name = getattr(factory, "__name__", "")
    return Sabotaged(
        name if claims else f"{name}-unclaimed",
        bug,
        f"transport.{caught_by}",
        words,
        TRANSPORT_CHECKS,
        lambda: TransportSubject(name, factory, mode, claims),
    )


def _correct(name: str, mode: Mode) -> Correct[TransportSubject]:
    return Correct(f"{name}-{mode}", TRANSPORT_CHECKS, lambda: installed_transport(name, mode))


_SENDING: Final = (
    _sabotaged(
        s.Recodes, "body-exact", "JSON with blanks of its own: 42 bytes were given and 39", "encodes the JSON anew"
    ),
    _sabotaged(s.EndsTheLine, "body-exact", "empty: 0 bytes were given and 1 arrived", "adds a line feed"),
    _sabotaged(s.Strips, "body-exact", "line feed at its end: 8 bytes were given and 7", "strips blanks"),
    _sabotaged(s.Chunks, "content-length", "sent with Transfer-Encoding: chunked", "sends the body as an iterator"),
    _sabotaged(s.Unquotes, "request-line", "b%2Fc.* was asked for and .*b/c.* arrived", "normalises the URL"),
    _sabotaged(s.DropsQuery, "request-line", "trace=.* was asked for", "sends the path without its query"),
    _sabotaged(s.AlwaysPosts, "request-line", "'GET .* was asked for and 'POST", "knows one method"),
    _sabotaged(s.WrongHost, "host", "sent Host .*gateway.internal", "names another host"),
    _sabotaged(s.DropsAuthorization, "headers-exact", "Authorization did not arrive", "drops Authorization"),
    _sabotaged(s.AddsBearer, "headers-exact", "Authorization arrived as 'Bearer ", "puts Bearer before the signature"),
    _sabotaged(s.LowersValues, "headers-exact", "arrived as '.* instead of '", "writes values in lower case"),
    _sabotaged(s.EscapesPlus, "headers-exact", "Authorization arrived as '%2B/", "escapes as in a form"),
    _sabotaged(s.Milliseconds, "headers-exact", "X-Timestamp arrived as '1765432109876'", "cuts the timestamp"),
    _sabotaged(s.Twice, "headers-exact", "X-Timestamp arrived 2 times", "sends a header twice"),
    _sabotaged(s.SecondType, "headers-exact", "Content-Type arrived 2 times", "adds a Content-Type of its own"),
    _sabotaged(s.Expects, "nothing-added", "it added Expect: 100-continue", "waits for 100 Continue"),
    _sabotaged(s.NamesCoding, "nothing-added", "it added Content-Encoding: identity", "names a coding"),
    _sabotaged(s.NamesProvider, "nothing-added", "it added X-Transfer-Address: gonka1", "replaces the provider"),
    _sabotaged(s.Upgrades, "nothing-added", "it added Connection: Upgrade", "asks for another protocol"),
    _sabotaged(s.AsksForGzip, "accept-encoding", "asks for Accept-Encoding: gzip, deflate", "asks for gzip"),
    _sabotaged(s.KeepsCookies, "cookies", "the second request has Cookie: .*follow=you", "keeps cookies"),
    _sabotaged(s.ReadsNetrc, "own-authorization", "netrc, Authorization arrived as ..Basic ", "reads ~/.netrc"),
    _sabotaged(
        s.TakesCredentials, "own-authorization", "in the URL, .* arrived as ..Basic ", "takes them from the URL"
    ),
)

_ANSWERING: Final = (
    _sabotaged(a.RaisesForStatus, "statuses", "it raised HTTPError: status 400", "raises for 400 and above"),
    _sabotaged(a.Generalises, "statuses", "status 410 was handed out as 404", "takes one status for another"),
    _sabotaged(a.DropsErrorBodies, "statuses", "status 500: the body .* handed out as b''", "drops bodies of errors"),
    _sabotaged(Plain, "interim", "status 103 with body", "takes 103 for the answer", claims=frozenset()),
    _sabotaged(a.TitlesNames, "answer-headers", "a name is handed out as '[A-Z]", "hands names out in capitals"),
    _sabotaged(a.CutsParameters, "answer-headers", "a=b; c is handed out as 'MiXed, a=b'", "cuts values"),
    _sabotaged(a.LosesDoubles, "repeated-header", "then two, is handed out as None", "loses repeated headers"),
    _sabotaged(a.Follows, "redirects", "301 was followed on the same host", "follows redirects"),
    _sabotaged(a.FollowsAbroad, "redirects", "307 was followed to another host", "follows some, abroad"),
    _sabotaged(a.ReadsText, "answer-exact", "they differ from byte 128 on", "takes bodies for text"),
    _sabotaged(a.Decodes, "undecoded", "in gzip was decoded", "undoes gzip"),
    _sabotaged(a.Buffers, "streaming", "headers were handed out only after the first piece", "reads before it returns"),
    _sabotaged(a.Gathers, "streaming", "piece 1 was handed out only when more had come", "gathers the body"),
    _sabotaged(a.LeavesOpen, "early-close", "closed before any piece, the connection stays open", "does not close"),
    _sabotaged(a.LeavesUnreadOpen, "early-close", "before any piece, .* stays open", "closes only what was read"),
    _sabotaged(a.SwallowsTruncation, "truncated", "half .*it returned status 200 with 4 bytes", "swallows the break"),
    _sabotaged(f.CutBeforeSent, "truncated", "half .*ConnectError says sent=False", "says that nothing was sent"),
)

_FAILING: Final = (
    _sabotaged(f.AllWasSent, "refused", "says sent=True although no byte", "takes all for sent"),
    _sabotaged(f.LibraryErrors, "refused", r"httpx\.ConnectError comes through", "lets the library's errors through"),
    _sabotaged(f.Untyped, "refused", "a TransportError instead of a ConnectError", "has one class for all"),
    _sabotaged(f.NoRoute, "unknown-host", "builtins.OSError comes through", "lets the resolver's error through"),
    _sabotaged(f.TrustsAnybody, "tls-verified", "accepted, and the request .* was sent", "verifies no certificate"),
    _sabotaged(
        f.TlsWasSent, "tls-failed", "plain text: TransportError says sent=True", "takes a handshake for a request"
    ),
    _sabotaged(f.NothingWasSent, "no-answer", "ConnectError says sent=False", "maps everything to ConnectError"),
    _sabotaged(f.InventsAnswers, "no-http", "returned status 502 with 0 bytes", "invents an answer"),
    _sabotaged(f.Repeats, "not-repeated", "closed .*, new: the request was sent 2 times", "repeats"),
    _sabotaged(f.RepeatsOnUsed, "not-repeated", "used before: the request was sent 2 times", "repeats on an old one"),
    _sabotaged(f.ShowsHeaders, "error-words", "the error shows Authorization", "quotes the headers"),
    _sabotaged(f.ShowsBodyInCause, "error-words", "the error shows the body", "quotes the body in the cause"),
    _sabotaged(f.NoNextStep, "error-words", "does not end in a next step", "says nothing about what to do"),
    _sabotaged(f.ConnectsForEver, "connect-timeout", "went on waiting", "knows no connect_timeout"),
    _sabotaged(
        f.AwaitsHeadersForEver, "first-byte-timeout", "before the headers: it returned", "no first_byte_timeout"
    ),
    _sabotaged(f.TimeoutErrors, "first-byte-timeout", "builtins.TimeoutError comes through", "raises TimeoutError"),
    _sabotaged(f.ReadsForEver, "read-timeout", "before the body: it returned status 200", "knows no read_timeout"),
    _sabotaged(f.IgnoresDeadline, "call-timeout", "not answered: it went on waiting", "ignores what is left of a call"),
    _sabotaged(
        f.DeadlineForHeadersOnly, "call-timeout", "within the body: it returned", "forgets it after the headers"
    ),
    _sabotaged(f.OneReadTimeout, "patience", "that read_timeout does not bound", "uses read_timeout for the headers"),
    _sabotaged(f.OneFirstByteTimeout, "patience", "that first_byte_timeout does not", "uses that of the headers"),
    _sabotaged(f.TotalReadTimeout, "patience", "none of its pieces does", "bounds the whole body by read_timeout"),
    _sabotaged(f.NoneIsZero, "no-limits", "it raised ", "takes None for zero"),
)

_KEEPING: Final = (
    _sabotaged(k.NeverReuses, "reuse", "three requests took 3 connections", "opens a connection for each request"),
    _sabotaged(Plain, "stale-connection", "it raised TransportError", "trusts old connections", claims=frozenset()),
    _sabotaged(k.OneAfterTheOther, "concurrent", "of 8 requests at once 1 were under way", "sends one at a time"),
    _sabotaged(k.BlocksTheLoop, "concurrent", "of 8 requests at once 1 were", "blocks the loop", mode="async"),
    _sabotaged(k.Mixes, "concurrent", "was handed the answer to", "mixes answers up"),
    _sabotaged(k.NeverCloses, "close", "its connection stays open", "does not close"),
    _sabotaged(k.ClosesOnce, "close", "it raised RuntimeError: it is closed already", "cannot be closed twice"),
    _sabotaged(
        k.Shields, "cancelled", "cancelled and its connection stays open", "goes on when cancelled", mode="async"
    ),
    _sabotaged(k.IgnoresProxies, "proxies", "is claimed, .* the node got", "ignores proxies, though it claims to obey"),
    _sabotaged(Sound, "proxies", "is not claimed, .* the proxy got", "obeys without a claim", claims=frozenset()),
    _sabotaged(k.ProxiesEverything, "proxies", "a host that NO_PROXY names", "ignores NO_PROXY"),
    _sabotaged(k.PlainProxiesOnly, "proxies", r"with HTTPS_PROXY set the proxy got \[\]", "ignores HTTPS_PROXY"),
)

SABOTAGED: Final = (*_SENDING, *_ANSWERING, *_FAILING, *_KEEPING)

CORRECT: Final = (
    Correct("Sound", TRANSPORT_CHECKS, lambda: TransportSubject("Sound", Sound, "sync", _ENVIRONMENT)),
    Correct("AsyncSound", TRANSPORT_CHECKS, lambda: TransportSubject("AsyncSound", AsyncSound, "async", _ENVIRONMENT)),
    _correct("httpx", "sync"),
    _correct("httpx", "async"),
    _correct("httpx2", "sync"),
    _correct("httpx2", "async"),
    _correct("aiohttp", "async"),
)
