"""Reports to write down: one of each status, and one whose subject does its worst to whoever reads it."""

from __future__ import annotations

from typing import Final, get_args

from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

from gonka_conformance.checks import Kind
from gonka_conformance.report import Edition, Report, Result, Status

HOSTILE: Final = (
    "</script><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">]]>&amp;\n"
    "  passed           signer.low-s\r\n\x1b[2J\x1b]0;title\x07\x00\u202eevil\u2028\ud800\ufffe [bold]${x} {y}"
)

REQUEST: Final = (
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Timestamp: 1700000000000000000\r\n"
    'Authorization: qKp0…\r\n\r\n{"model":"m","messages":[{"role":"user","content":"'
    + "Hello, wörld 世界 " * 12
    + '"}]}'
)


def result(name: str, status: Status, kind: Kind = "signer", **more: object) -> Result:
    fields: dict[str, object] = {"requirement": f"It is {name} in every answer.", "source": "protocol.md §1.5", **more}
    return Result(id=f"{kind}.{name}", status=status, **fields)  # type: ignore[arg-type]


SIGNER: Final = Report(
    "signer",
    "token.v2",
    ("deterministic",),
    (
        result("size", Status.PASSED, seconds=0.25),
        result("low-s", Status.FAILED, evidence="s is above n/2 in 256 of 256 signatures", seconds=1.5),
        result("pickle", Status.SKIPPED, evidence="it is a program"),
        result("threads", Status.KNOWN_FAILURE, evidence="two answers were swapped", reason="one session only"),
        result("rfc6979", Status.RECOVERED, evidence="it passes: remove it from the known failures", reason="old chip"),
    ),
)
OTHER_SIGNER: Final = Report("signer", "plain", (), tuple(result(n, Status.PASSED) for n in ("size", "low-s", "new")))
CLIENT: Final = Report(
    "client",
    "./my-client {base_url} --stream {stream}",
    (),
    (
        result(
            "resign-on-retry",
            Status.FAILED,
            "client",
            evidence="the second request carries the signature of the first",
            details=(("request", REQUEST), ("diagnosis", "signature: made for another provider address")),
        ),
    ),
    Edition("0.0.9", "gonka-interop-vectors/1", "ab" * 32),
)
NASTY: Final = Report(
    "node",
    HOSTILE,
    (HOSTILE,),
    (result("nasty", Status.FAILED, "node", evidence=HOSTILE, details=((HOSTILE, HOSTILE),)),),
)
EVERY: Final = (SIGNER, OTHER_SIGNER, CLIENT, NASTY)

ANYTHING: Final = strategies.characters(codec=None)
_WORDS: Final = strategies.text(ANYTHING, max_size=8)
EDITIONS: Final = strategies.builds(
    Edition, _WORDS, _WORDS, strategies.binary(min_size=32, max_size=32).map(lambda digest: digest.hex())
)


def results(kind: Kind) -> SearchStrategy[Result]:
    return strategies.builds(
        Result,
        id=strategies.text(ANYTHING, max_size=4).map(lambda name: f"{kind}.{name}"),
        requirement=_WORDS,
        source=_WORDS,
        status=strategies.sampled_from(Status),
        evidence=_WORDS,
        reason=_WORDS,
        details=strategies.dictionaries(_WORDS, _WORDS, max_size=2).map(lambda pairs: tuple(pairs.items())),
        seconds=strategies.integers(0, 100_000).map(lambda milliseconds: milliseconds / 1000),
    )


@strategies.composite
def reports(draw: strategies.DrawFn) -> Report:
    """Any report; what subjects say in it is any text, lone surrogates and control characters too."""
    kind = draw(strategies.sampled_from(get_args(Kind)))
    found = draw(strategies.lists(results(kind), max_size=4, unique_by=lambda result: result.id))
    claims = draw(strategies.lists(_WORDS, max_size=2))
    return Report(kind, draw(_WORDS), tuple(claims), tuple(found), draw(EDITIONS))
