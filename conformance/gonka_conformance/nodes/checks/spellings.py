"""How a signature may be written: base64 as Go reads it (`protocol.md` §1.5)."""

from __future__ import annotations

from dataclasses import replace

from gonka_conformance.nodes.developer import spelled, with_other_padding_bits
from gonka_conformance.nodes.generations import ILLEGAL_BASE64, Due
from gonka_conformance.nodes.judging import heard, require
from gonka_conformance.nodes.subject import NodeSubject

from .listing import NODE_CHECKS
from .signatures import signed_until, taken


@NODE_CHECKS.add(
    "base64",
    "Only standard base64 with padding is read; for other text the first byte that does not fit is named.",
    source="protocol.md §1.5",
)
def base64_text(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    text = spelled(signed_until(probe, lambda each: any(letter in spelled(each) for letter in "+/")))
    safe = text.translate(str.maketrans("+/", "-_"))
    offset = next(place for place, letter in enumerate(safe) if letter in "-_")
    for what, written, place in (
        ("the URL-safe alphabet", safe, offset),
        ("no padding", text.rstrip("="), 84),
        ("a Bearer key", "Bearer sk-1234", 6),
    ):
        due = Due(401, f"{ILLEGAL_BASE64}{place}")
        require(survey.send(replace(probe, authorization=written)), (due,), what)


@NODE_CHECKS.add(
    "base64-spare-bits",
    "The spare bits of the last base64 character do not matter: 16 texts stand for the same signature.",
    source="protocol.md §1.5",
)
def base64_spare_bits(subject: NodeSubject) -> None:
    survey = heard(subject)
    probe = survey.probe()
    spell = replace(probe, spell=lambda each: with_other_padding_bits(spelled(each)))
    taken(survey, spell, "a right signature with other spare bits")
