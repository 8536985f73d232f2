"""`errors.json`: an answer that is no answer, and the kind of error that it is (`protocol.md` §2 to §4, §11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .error_answers import Case
from .error_cases import CASES
from .error_kinds import KINDS
from .gateway_cases import BEARER_CASES
from .outline import Flag, Vector, VectorFile, text_and_hex
from .schema import BOOL, COUNT, HEX, TEXT, WORDS, array, mapping, one_of, record

FLAGS: Final = {
    "text-decides": Flag(
        "The status is shared by several kinds; the text tells which.", "Classifying by the status alone."
    ),
    "status-decides": Flag("Words that nobody knows.", "No default for a status, or an error that is lost."),
    "wrapped": Flag("The text stands inside of gRPC's.", "Comparing whole texts instead of looking for a part."),
    "old-generation": Flag("Status or text of an older node.", "A table that knows the newest nodes only."),
    "quoted-words": Flag(
        "An executor or a model's server quotes others.", "A known text looked for anywhere in the answer."
    ),
    "openai-shape": Flag("`error` is an object with a message.", "Expecting text where a gateway sends an object."),
    "html": Flag("A page of a proxy.", "A crash in the JSON parser, or the page taken for the reason."),
    "odd-body": Flag("Nothing, no JSON, JSON of another form.", "A crash where the error belongs."),
    "plain-text": Flag("JSON that is sent as text/plain, or bare text.", "Deciding by the content type."),
    "bearer": Flag("The request carried an API key.", "Advice for signers given to users of a broker."),
    "redirect": Flag("A redirect.", "Following it with a signature or a key."),
    "in-stream": Flag(
        "The error came as an event of a stream with status 200.", "Thinking that status 200 is success and not billed."
    ),
    "detail": Flag("The text tells something to use.", "A height, a URL or models that are not taken out."),
    "retry-after": Flag("A time to wait.", "Asking again at once, or waiting for a year."),
}
DETAILS: Final = record(
    {},
    {
        "until_height": COUNT,
        "participants_url": WORDS,
        "served": array(WORDS),
        "new_url": WORDS,
        "retry_after_s": COUNT,
    },
)
_SCHEMA: Final = record(
    {
        "request": one_of(("signed", "bearer")),
        "status": {"type": "integer", "minimum": 200, "maximum": 999},
        "headers": mapping(TEXT),
        "body_hex": HEX,
        "expected": record({"kind": one_of(tuple(KINDS)), "may_be_billed": BOOL, "details": DETAILS}),
    },
    {"body_utf8": TEXT},
)
_KINDS_SCHEMA: Final = {
    "type": "object",
    "propertyNames": one_of(tuple(KINDS)),
    "additionalProperties": record({"means": WORDS, "may_be_billed": BOOL, "gonka_core": WORDS}),
}


def _fields(case: Case, request: str) -> Mapping[str, Any]:
    billed = KINDS[case.kind].billed or case.status < 300
    return {
        "request": request,
        "status": case.status,
        "headers": dict(case.headers),
        **text_and_hex("body", case.body),
        "expected": {"kind": case.kind, "may_be_billed": billed, "details": dict(case.details)},
    }


def _vectors() -> Iterator[Vector]:
    for request, cases in (("signed", CASES), ("bearer", BEARER_CASES)):
        for case in cases:
            yield Vector(case.comment, case.flags, _fields(case, request))


def file() -> VectorFile:
    """The whole file. Kinds and their details are read off the reference, and compared with the core by tests."""
    kinds = {
        name: {"means": kind.means, "may_be_billed": kind.billed, "gonka_core": kind.gonka_core}
        for name, kind in KINDS.items()
    }
    return VectorFile(
        "errors",
        "answers that are errors, and what each means",
        FLAGS,
        tuple(_vectors()),
        ("protocol.md", "gonka_core"),
        _SCHEMA,
        {"kinds": kinds},
        {"kinds": _KINDS_SCHEMA},
    )
