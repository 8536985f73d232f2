"""A JSON document back into reports. It takes what `schemas/report.schema.json` takes, and says what is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar, cast, get_args

from gonka_conformance.checks import Kind
from gonka_conformance.report import Edition, Report, Result, Status

from .document import FORMAT

ItemT = TypeVar("ItemT")

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_S: Final = 10**9


def read(content: bytes | str) -> tuple[Report, ...]:
    """The reports of a document. Raises ValueError that says where it is none of ours."""
    try:
        value = json.loads(content, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply for a report") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(value, dict) or "format" not in value:
        raise ValueError(f"it is JSON, but no report: a report has the member format, {FORMAT!r}")
    if value["format"] != FORMAT:
        raise ValueError(f"its format is {value['format']!r}, and this kit reads {FORMAT!r}; make it with this kit")
    _edition(value, "the document")
    return tuple(_each(value, "reports", "the document", _report))


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _report(value: Any, where: str) -> Report:
    kind = _one_of(value, "kind", where, get_args(Kind))
    subject, claims = _text(value, "subject", where), tuple(_each(value, "claims", where, _word))
    results = tuple(_each(value, "results", where, _result))
    foreign = [result.id for result in results if not result.id.startswith(f"{kind}.")]
    if foreign:
        raise ValueError(f"{where} is about a {kind} and has the check {foreign[0]!r}; its checks begin with {kind}.")
    twice = [identity for identity, count in Counter(result.id for result in results).items() if count > 1]
    if twice:
        raise ValueError(f"{where} has the check {twice[0]!r} twice")
    report = Report(cast("Kind", kind), subject, claims, results, _edition(value, where))
    if _member(value, "conforms", where, bool) is not report.conforms:
        raise ValueError(f"{where}.conforms contradicts its results: with these the subject {report.verdict}")
    return report


def _result(value: Any, where: str) -> Result:
    id_, requirement, source, evidence, reason = (
        _text(value, name, where) for name in ("id", "requirement", "source", "evidence", "reason")
    )
    if id_.partition(".")[0] not in get_args(Kind) or "." not in id_:
        raise ValueError(f"{where}.id is {id_!r}; it begins with a kind and a dot, such as signer.size")
    status = Status(_one_of(value, "status", where, tuple(Status)))
    details = _member(value, "details", where, dict)
    pairs = tuple((name, _word(text, f"{where}.details.{name}")) for name, text in details.items())
    return Result(id_, requirement, source, status, evidence, reason, pairs, _seconds(value, where))


def _edition(value: Any, where: str) -> Edition:
    vectors = _member(value, "vectors", where, dict)
    sha256 = _text(vectors, "sha256", f"{where}.vectors")
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{where}.vectors.sha256 is not 64 hex digits in lower case")
    return Edition(_text(value, "kit_version", where), _text(vectors, "schema", f"{where}.vectors"), sha256)


def _seconds(value: Any, where: str) -> float:
    seconds = _member(value, "seconds", where, object)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= _LONGEST_S:
        raise ValueError(f"{where}.seconds is not a number from 0 to {_LONGEST_S}")
    return float(seconds)


def _one_of(value: Any, name: str, where: str, choices: tuple[str, ...]) -> str:
    found = _text(value, name, where)
    if found not in choices:
        raise ValueError(f"{where}.{name} is {found!r}; it is one of: {', '.join(choices)}")
    return found


def _each(value: Any, name: str, where: str, make: Callable[[Any, str], ItemT]) -> list[ItemT]:
    return [make(item, f"{name}[{number}]") for number, item in enumerate(_member(value, name, where, list))]


def _text(value: Any, name: str, where: str) -> str:
    return _word(_member(value, name, where, object), f"{where}.{name}")


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where} is not a string")
    return value


def _member(value: Any, name: str, where: str, of_type: type[ItemT]) -> ItemT:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")
    if name not in value:
        raise ValueError(f"{where} has no member {name}")
    found = value[name]
    if not isinstance(found, of_type):
        words = {dict: "an object", list: "an array", bool: "true or false"}
        raise ValueError(f"{where}.{name} is not {words[cast('type', of_type)]}")
    return found
