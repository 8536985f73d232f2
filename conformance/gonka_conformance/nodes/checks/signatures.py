"""Which signatures a node takes: over which bytes, by whom, and in which form (`protocol.md` §1.2–1.5).

Each request here is an hour old and for a model that no node has. A right signature brings it as far as one of these,
a wrong one does not, and nothing is computed either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gonka_conformance.nodes.developer import Developer, spelled, with_high_s
from gonka_conformance.nodes.drafts import Draft
from gonka_conformance.nodes.generations import NOT_ALLOWED, Due
from gonka_conformance.nodes.judging import heard, require
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import Survey
from gonka_conformance.vectors import Scheme

from .listing import NODE_CHECKS

_TRIES: Final = 20_000


def taken(survey: Survey, draft: Draft, what: str) -> None:
    """Fail unless the request comes past the signature."""
    require(survey.send(draft), survey.generation.past_signature, what)


def refused(survey: Survey, draft: Draft, what: str) -> None:
    """Fail unless the signature is found to be invalid."""
    require(survey.send(draft), survey.generation.due("signature"), what)


def signed_until(draft: Draft, wanted: Callable[[bytes], bool]) -> bytes:
    """A signature of the draft (64 bytes) of a kind that is not every signature's."""
    found = (draft.developer.sign(draft.digest) for _ in range(_TRIES))
    return next(filter(wanted, found))


@NODE_CHECKS.add(
    "signature", "A right signature brings a request past the check for signatures.", source="protocol.md §1.2, §3.2"
)
def signature(subject: NodeSubject) -> None:
    survey = heard(subject)
    taken(survey, survey.probe(), "a right signature")


@NODE_CHECKS.add(
    "signature-scheme", "A signature over the message of the other scheme is refused.", source="protocol.md §1.2"
)
def signature_scheme(subject: NodeSubject) -> None:
    survey = heard(subject)
    other: Scheme = "hash" if survey.generation.scheme == "raw" else "raw"
    refused(survey, replace(survey.probe(), scheme=other), f"a signature in the scheme {other}")


@NODE_CHECKS.add(
    "signature-body",
    "A body that differs by one byte from the one that was signed is refused.",
    source="protocol.md §1.2",
)
def signature_body(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    refused(survey, replace(probe, body=probe.body + b" ", signed_body=probe.body), "a space behind the signed body")
    other = probe.body.replace(b'"hi"', b'"ho"')
    refused(survey, replace(probe, body=other, signed_body=probe.body), "a letter changed in the signed body")


@NODE_CHECKS.add(
    "signature-timestamp",
    "The timestamp of the header is part of what is signed; without one, nothing stands in its place.",
    source="protocol.md §1.2, §1.3",
)
def signature_timestamp(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    refused(survey, replace(probe, signed_timestamp_ns=probe.timestamp_ns + 1), "a timestamp one nanosecond off")
    refused(survey, replace(probe, timestamp_text=""), "a timestamp that is signed and not sent")
    refused(survey, replace(probe, signed_timestamp_ns=0), "a timestamp that is sent and not signed")
    taken(survey, replace(probe, timestamp_text="", signed_timestamp_ns=0), "no timestamp, neither sent nor signed")


@NODE_CHECKS.add(
    "signature-provider", "A signature for another provider, or for none, is refused.", source="protocol.md §1.2, §1.3"
)
def signature_provider(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    refused(survey, replace(probe, provider=Developer.unknown().address), "a signature for another provider")
    refused(survey, replace(probe, provider=""), "a signature for no provider")


@NODE_CHECKS.add(
    "signature-key", "A signature by another key than the requester's is refused.", source="protocol.md §13"
)
def signature_key(subject: NodeSubject) -> None:
    survey = heard(subject)
    stranger = replace(survey.probe(), developer=Developer.unknown(), requester=survey.developer.address)
    refused(survey, stranger, "a signature by another key")


@NODE_CHECKS.add("signature-low-s", "A signature with s above n/2 is refused.", source="protocol.md §1.5")
def signature_low_s(subject: NodeSubject) -> None:
    survey = heard(subject)
    refused(survey, replace(survey.probe(), spell=lambda each: spelled(with_high_s(each))), "s above n/2")


@NODE_CHECKS.add(
    "signature-length",
    "Only 64 bytes are a signature: a short r is not shortened, DER is none.",
    source="protocol.md §1.5",
)
def signature_length(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    short = signed_until(probe, lambda each: each[0] == 0)
    taken(survey, replace(probe, authorization=spelled(short)), "r with a zero byte in front")
    refused(survey, replace(probe, authorization=spelled(short[1:])), "63 bytes, without the zero byte in front of r")
    for what, form in _FORMS.items():
        refused(survey, replace(probe, authorization=spelled(form(short))), what)


_FORMS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "65 bytes, with a recovery id behind": lambda each: each + b"\x00",
    "DER": lambda each: encode_dss_signature(int.from_bytes(each[:32], "big"), int.from_bytes(each[32:], "big")),
    "r alone": lambda each: each[:32],
    "s in front of r": lambda each: each[32:] + each[:32],
    "64 zero bytes": lambda each: bytes(64),
}


@NODE_CHECKS.add(
    "transfer-address",
    "`X-Transfer-Address` takes the place of the node's own address, in the signature and on the allow-list.",
    source="protocol.md §1.4",
)
def transfer_address(subject: NodeSubject) -> None:
    survey = heard(subject)
    other = Developer.unknown().address
    named = replace(survey.probe(), more=(("X-Transfer-Address", other),))
    not_allowed = (Due(403, NOT_ALLOWED),) if "provider-allowed" in survey.generation.rows else ()
    past = (*survey.generation.past_signature, *not_allowed)
    require(survey.send(replace(named, provider=other)), past, "a signature for the provider that the header names")
    unsuitable = (*survey.generation.due("signature"), *not_allowed)
    require(survey.send(named), unsuitable, "a signature for the node, under a header that names another provider")
