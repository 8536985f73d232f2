"""Clients that are wrong on purpose, as programs, and the check that must say so; and clients that are right."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from gonka_conformance.clients import ALL_CLAIMS, ClientSubject, ExamLimits
from gonka_conformance.clients.checks import CLIENT_CHECKS

from .record import Correct, Sabotaged

BASELINE: Final = Path(__file__).parents[2] / "benchmarks" / "baseline.py"
QUICK: Final = ExamLimits(seconds=20, timeout=1, many=200, burst=8, parallel=4)
"""Enough for a client that is known to be wrong."""
_HASTY: Final = ExamLimits(seconds=2.5, timeout=1, many=3, burst=4, parallel=2)
_PATIENT: Final = ExamLimits(seconds=20, timeout=3, many=3)
_LINES: Final = frozenset({"json-lines"})
_READS: Final = frozenset({"discovery"})


def _program(
    name: str,
    *arguments: str,
    claims: frozenset[str] = ALL_CLAIMS,
    limits: ExamLimits = QUICK,
    only: frozenset[str] = frozenset(),
) -> ClientSubject:
    return ClientSubject.running(
        [sys.executable, "-m", f"sabotage.client_programs.{name}", *arguments],
        name=arguments[0] if arguments else name,
        claims=claims,
        limits=limits,
        only=only,
    )


def _sabotaged(
    name: str,
    bug: str,
    caught_by: str,
    words: str,
    limits: ExamLimits = QUICK,
    claims: frozenset[str] = ALL_CLAIMS,
) -> Sabotaged[ClientSubject]:
    make = partial(_program, "broken", name, claims=claims, limits=limits)
    return Sabotaged(name, bug, f"client.{caught_by}", words, CLIENT_CHECKS, make)


SABOTAGED: Final[tuple[Sabotaged[ClientSubject], ...]] = (
    _sabotaged("Crashes", "it dies of a signal", "plain", "no request arrived; the program died of signal 11"),
    _sabotaged("Hangs", "it waits for ever, before any request", "plain", "did not end within", _HASTY),
    _sabotaged("ExitsEarly", "it ends before it asks", "plain", "no request arrived; .* exit status 0"),
    _sabotaged("SaysNothing", "it does not print the answer", "plain", "stands 0 times on standard output"),
    _sabotaged("Garbage", "it prints megabytes of no text", "plain", "stands 0 times on standard output"),
    _sabotaged("OneScheme", "it signs raw where nodes verify hash", "plain", "401 .*invalid signature"),
    _sabotaged("DoubledVersion", "/v1 twice", "target", "POST /v1/v1/chat/completions instead"),
    _sabotaged("LostVersion", "/v1 is taken away", "target", "POST /chat/completions instead"),
    _sabotaged("BrokenHttp", "it sends less than it declares", "target", "it broke off, or is no HTTP"),
    _sabotaged("InventedHeaders", "header names of its own", "headers", "no authorization; it has X-Gonka-Address"),
    _sabotaged("BearerBeforeSignature", "Bearer in front of the signature", "headers", "begins with Bearer"),
    _sabotaged("WrongRequester", "the provider as requester", "headers", "X-Requester-Address is not GONKA_ADDRESS"),
    _sabotaged("EncodesAgain", "it encodes JSON again after signing", "signature", "does not verify"),
    _sabotaged("NoProvider", "the provider address is left out", "signature", "leaves the provider address out"),
    _sabotaged("UrlSafe", "URL-safe base64 without padding", "signature", "not standard base64"),
    _sabotaged("DoubleHash", "it hashes the message twice", "signature", "does not verify"),
    _sabotaged("Milliseconds", "milliseconds", "timestamp", "which is milliseconds"),
    _sabotaged("Microseconds", "microseconds", "timestamp", "which is microseconds"),
    _sabotaged("AddsFields", "it adds a field of its own", "payload", "in user"),
    _sabotaged("Reserialises", "it writes the payload anew", "exact", r"byte \d+ is the first that differs"),
    _sabotaged("EscapesWhenSigning", "it signs escapes and sends UTF-8", "unicode", "does not verify"),
    _sabotaged("Latin1", "it reads answers as Latin-1", "unicode", "stands 0 times"),
    _sabotaged("FillsEmpty", "it sends {} for an empty payload", "empty", "sent 2 bytes"),
    _sabotaged("EmptyIsFine", "it takes the refusal of an empty payload for success", "empty", "exit status 0"),
    _sabotaged("TruncatesHuge", "it cuts long payloads at 1 MiB", "huge", "exit status 1"),
    _sabotaged("Unpadded", "short numbers are not padded", "short-halves", "have 63 bytes instead of 64"),
    _sabotaged("HighS", "s is not made low", "low-s", r"above n/2 in \d+ of \d+"),
    _sabotaged("MakesFewer", "one call too few", "many", "stands 199 times .* instead of 200"),
    _sabotaged("OneTimestamp", "one timestamp for a process", "unique", "have 1 different timestamp"),
    _sabotaged("TimestampOverflows", "the part below seconds turns over", "unique", "different timestamps"),
    _sabotaged("Forgetful", "it learns the scheme for every call", "scheme-learned", "200 of 400 requests"),
    _sabotaged("SharedSignature", "calls at once share a signature", "burst", r"\d requests .* have 1 different"),
    _sabotaged("OneAtATime", "parallel calls wait for each other", "burst", "never more than 1 request"),
    _sabotaged("TimestampAtImport", "timestamps are as old as the process", "fresh", "taken beforehand", _PATIENT),
    _sabotaged("HalfALine", "half a line of JSON", "json-lines", "1 lines, of which 0 are JSON", _HASTY, _LINES),
    _sabotaged("PlainText", "text where lines are claimed", "json-lines", "of which 0 are JSON", _HASTY, _LINES),
    _sabotaged("OldProvider", "after fail-over it signs for the old node", "fail-over", "is signed for the provider"),
    _sabotaged("NeverMovesOn", "it stays with the node that fails", "fail-over", "exit status 1; node . said 503"),
    _sabotaged("GivesUpUnreachable", "it gives up when nobody listens", "unreachable", "no request arrived"),
    _sabotaged("SameRequestAgain", "it repeats without signing again", "resign", "different timestamps"),
    _sabotaged("TrustsItsClock", "it never learns block time", "clock-behind", "400 .*signature is too old"),
    _sabotaged("CorrectsForward", "it never turns its clock back", "clock-ahead", "400 .*signature is in the future"),
    _sabotaged("BelievesDates", "it asks for no block time", "block-lag", "400 .*signature is in the future"),
    _sabotaged("HashOnly", "it knows one scheme", "other-generation", "exit status 1; node 1 said 401"),
    _sabotaged("FollowsRedirects", "it follows redirects", "strangers", "to a stranger, and gave it the signature"),
    _sabotaged("FollowsWithoutSignature", "it follows redirects", "redirect", "followed the redirect with POST"),
    _sabotaged("RepeatsEverything", "it repeats what nothing mends", "final-errors", r"it asked \d times although"),
    _sabotaged("AlwaysZero", "exit status 0 whatever happens", "final-errors", "exit status 0, although"),
    _sabotaged("IgnoresExclusions", "it calls excluded participants", "discovery", "is excluded from the epoch"),
    _sabotaged("EmptyMeansNobody", "an empty allow-list allows none", "discovery", "no request arrived"),
    _sabotaged("IgnoresAllowList", "it does not read the allow-list", "allow-list", "is not in the allow-list"),
    _sabotaged("SignsForBroker", "it tells a broker its address", "broker", "it carries X-Requester-Address"),
    _sabotaged("KeyToBroker", "its private key is the API key", "broker", "not Bearer and GONKA_BROKER_API_KEY"),
    _sabotaged("LastEventOnly", "it keeps the last events of a stream", "streaming", "stands 0 times"),
    _sabotaged("WaitsForever", "no end to silence", "stall", "did not end within", _HASTY),
    _sabotaged("TakesCutStreams", "it takes what arrived for the answer", "cut-stream", "exit status 0, although"),
    _sabotaged("TakesEndForDone", "it does without [DONE]", "no-done", "exit status 0, although"),
    _sabotaged(
        "SignsReadsWrong",
        "reads carry a wrong signature",
        "all-signed",
        "GET to node 1: .* does not verify",
        QUICK,
        _READS,
    ),
    _sabotaged("KeyInHeader", "a fallback holds half of the key", "no-key-sent", r"part of the key \((hex|base64)\)"),
    _sabotaged("KeyInUserAgent", "the user agent names the key", "no-key-sent", r"part of the key \(hex\)"),
    _sabotaged("KeyInQuery", "the key is in the query", "no-key-sent", r"part of the key \(base64\)"),
    _sabotaged("KeyPrinted", "it prints its key", "no-key-printed", r"error output shows part of the key \("),
)


def baseline() -> ClientSubject:
    """The documented program: one call with a payload of its own, under the raw scheme."""
    return ClientSubject.running(
        [sys.executable, str(BASELINE), "{stream:--stream}"],
        name="baseline",
        claims={"streaming"},
        profile="seed",
        limits=QUICK,
    )


def _correct(name: str, make: Callable[[], ClientSubject]) -> Correct[ClientSubject]:
    return Correct(name, CLIENT_CHECKS, make)


_SHORTER: Final = ExamLimits(timeout=2.5, many=200, burst=8, parallel=4)
_AWAITED: Final = frozenset(
    {"plain", "streaming", "many", "burst", "fail-over", "broker", "stall", "cut-stream", "discovery"}
)
"""What an async client could do in a way of its own; the rest is the same code as in the other one."""

CORRECT: Final[tuple[Correct[ClientSubject], ...]] = (
    _correct("honest", partial(_program, "honest", limits=_SHORTER)),
    _correct("gonka_core.Client", partial(_program, "with_client", limits=ExamLimits(timeout=2.5))),
    _correct(
        "gonka_core.AsyncClient",
        partial(_program, "with_async_client", claims=ALL_CLAIMS | _LINES, limits=_SHORTER, only=_AWAITED),
    ),
    _correct("baseline", baseline),
)
