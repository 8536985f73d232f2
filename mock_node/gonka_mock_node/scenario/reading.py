"""Scenario files: TOML or JSON text becomes a scenario."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from .records import Scenario
from .schema import ScenarioError
from .tables import checked
from .values import require_harmless

MOST_BYTES: Final = 1024 * 1024
"""Bytes of a scenario file."""
_PLACE: Final = re.compile(r"at line (\d+), column (\d+)")


def load(path: str | Path) -> Scenario:
    """The scenario of a file; its suffix says whether it is TOML or JSON.

    Raises `ScenarioError` for a file that cannot be read, is too long, or is no scenario.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in (".toml", ".json"):
        raise ScenarioError("", f"{file.name!r} is neither .toml nor .json; rename it, its suffix tells how to read it")
    return parse(_text_of(file), "toml" if suffix == ".toml" else "json")


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise _too_long()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ScenarioError("", f"cannot read {file} ({error.strerror}); check the path and its permissions") from None
    except UnicodeDecodeError as error:
        raise ScenarioError("", f"byte {error.start} is not UTF-8; save the file as UTF-8") from None


def parse(text: str, kind: Literal["toml", "json"]) -> Scenario:
    """The scenario of a text. Raises `ScenarioError`; for a mistake in the syntax its message names the line."""
    if len(text) > MOST_BYTES:
        raise _too_long()
    try:
        return from_object(_from_toml(text) if kind == "toml" else _from_json(text))
    except RecursionError:
        raise ScenarioError("", "it is nested too deeply; a scenario needs no more than a few levels") from None


def from_object(value: object) -> Scenario:
    """The scenario of a JSON object, as `json.loads` or `tomllib.loads` gives it. Raises `ScenarioError`."""
    require_harmless(value)
    return checked(value)


def _too_long() -> ScenarioError:
    return ScenarioError("", f"it is longer than {MOST_BYTES} bytes; take out what the test does not need")


def _from_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        where = f"line {place[1]}, column {place[2]}" if place else f"its end, line {text.count(chr(10)) + 1}"
        problem = str(error).partition(" (at ")[0]
        raise ScenarioError("", f"the TOML cannot be read at {where} ({problem}); correct it there") from None
    except ValueError:
        raise ScenarioError("", "the TOML holds a number or a date that does not exist; correct it") from None


def _from_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ScenarioError("", f"the JSON cannot be read at {where} ({error.msg}); correct it there") from None
    except ScenarioError:
        raise
    except ValueError:
        raise ScenarioError("", "the JSON holds a number of thousands of digits; give a smaller one") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ScenarioError("", f"a table has the field {name!r} twice; keep one of them")
        found[name] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ScenarioError("", f"{name} is not JSON; give a finite number")
