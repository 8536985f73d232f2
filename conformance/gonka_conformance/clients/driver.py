"""How the program is told what to do: environment variables, and placeholders in its command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from . import material
from .program import run
from .transcript import Run

if TYPE_CHECKING:
    from .stage import Stage

PLACEHOLDERS: Final = (
    "base_url",
    "provider_address",
    "endpoints",
    "source_url",
    "broker_url",
    "payload",
    "stream",
    "count",
    "parallel",
    "timeout",
    "scenario",
)
_PLACEHOLDER: Final = re.compile(r"\{(stream:[^{}]*|[a-z_]+)\}")


class Driver(Protocol):
    """Lets the client meet the network of a scenario; the runs of the program, none where it ran no program."""

    def __call__(self, stage: Stage) -> tuple[Run, ...]: ...


@dataclass(frozen=True, slots=True)
class CommandDriver:
    """Runs a command for each scenario. `environment` is added to what the exam sets; `seconds` bound each run."""

    command: Sequence[str]
    seconds: float
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __call__(self, stage: Stage) -> tuple[Run, ...]:
        argv = expanded(self.command, values(stage))
        environ = {**environment(stage), **self.environment}
        return tuple(run(argv, environ, self.seconds) for _ in range(stage.task.runs))


def command_words(command: str | Sequence[str]) -> tuple[str, ...]:
    """A command as a list of words. Raises ValueError for none, and for a placeholder that does not exist."""
    words = tuple(shlex.split(command) if isinstance(command, str) else command)
    if not words:
        raise ValueError("there is no command to run; give one, such as './my-client {base_url}'")
    for name in _PLACEHOLDER.findall(" ".join(words)):
        if name not in PLACEHOLDERS and not name.startswith("stream:"):
            raise ValueError(f"there is no placeholder {{{name}}}; there are: {', '.join(PLACEHOLDERS)}, stream:TEXT")
    return words


def expanded(words: Sequence[str], told: Mapping[str, str]) -> tuple[str, ...]:
    """The words with their placeholders filled in; one of nothing but `{stream:TEXT}` goes where nothing streams."""
    filled = [_PLACEHOLDER.sub(lambda found: _value(found[1], told), word) for word in words]
    return tuple(new for word, new in zip(words, filled, strict=True) if new or "{stream:" not in word)


def _value(name: str, told: Mapping[str, str]) -> str:
    if name.startswith("stream:"):
        return name.removeprefix("stream:") if told["stream"] == "true" else ""
    return told[name]


def values(stage: Stage) -> dict[str, str]:
    """What the placeholders stand for."""
    task, places = stage.task, stage.nodes()
    first = places[0]
    told = task.scenario.told
    return {
        "base_url": first.url,
        "provider_address": first.provider_address if told != "broker" else "",
        "endpoints": ",".join(f"{place.url};{place.provider_address}" for place in places) if told != "broker" else "",
        "source_url": first.url.removesuffix("/v1") if told == "source" else "",
        "broker_url": first.url if told == "broker" else "",
        "payload": str(stage.payload_file),
        "stream": "true" if task.scenario.stream else "false",
        "count": str(task.count),
        "parallel": str(task.parallel),
        "timeout": f"{task.timeout:g}",
        "scenario": task.scenario.name,
    }


def environment(stage: Stage) -> dict[str, str]:
    """The variables of `protocol.md` §10 that the scenario sets, and those of the exam."""
    told = values(stage)
    names = {
        "endpoints": {
            "GONKA_ENDPOINT": told["base_url"],
            "GONKA_PROVIDER_ADDRESS": told["provider_address"],
            "GONKA_ENDPOINTS": told["endpoints"],
        },
        "source": {"GONKA_SOURCE_URL": told["source_url"]},
        "broker": {"GONKA_BROKER_URL": told["broker_url"], "GONKA_BROKER_API_KEY": material.API_KEY},
    }[stage.task.scenario.told]
    exam = ("payload", "stream", "count", "parallel", "timeout", "scenario")
    return {
        "GONKA_PRIVATE_KEY": material.SECRET.hex(),
        "GONKA_ADDRESS": material.ADDRESS,
        "GONKA_MODEL": material.MODEL,
        **names,
        **{f"GONKA_EXAM_{name.upper()}": told[name] for name in exam},
    }
