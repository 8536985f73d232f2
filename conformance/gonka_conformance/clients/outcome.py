"""Judging how runs ended: exit status, and what was printed. Where nobody ran a program there is nothing to judge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from gonka_conformance.checks import NotApplicable, fail
from gonka_conformance.leaks import guarded

from .transcript import Run, Sent, Transcript

_SHOWN: Final = 300


def require_answered(transcript: Transcript) -> None:
    """Raise `CheckFailed` unless every call was answered, and the program says so and prints each answer."""
    _require_sent(transcript)
    for run in transcript.runs:
        _require_exit(transcript, run)
        if run.status != 0:
            fail(f"{_name(transcript)}: exit status {run.status}{_reason(transcript)}", **_details(transcript, run))
        found = len(_answers_printed(transcript, run))
        if found < transcript.task.count:
            fail(
                f"{_name(transcript)}: exit status 0, and the answer stands {found} times on standard output "
                f"instead of {transcript.task.count}{_reason(transcript)}",
                **_details(transcript, run),
            )
    accepted = sum(sent.accepted for sent in transcript.calls)
    if transcript.runs and accepted < transcript.task.calls:
        fail(f"{_name(transcript)}: {accepted} calls were answered of {transcript.task.calls}{_reason(transcript)}")
    if not accepted:
        fail(f"{_name(transcript)}: no request was answered{_reason(transcript)}", **_details(transcript))


def require_failed(transcript: Transcript, why: str, *, may_send_nothing: bool = False) -> None:
    """Raise `CheckFailed` unless the program ended by itself with another exit status than 0; `why` it has to.

    Raises `NotApplicable` where no program ran.
    """
    if not may_send_nothing:
        _require_sent(transcript)
    if not transcript.runs:
        raise NotApplicable("only the exit status of a program can tell")
    for run in transcript.runs:
        _require_exit(transcript, run)
        if run.status == 0:
            fail(f"{_name(transcript)}: exit status 0, although {why}", **_details(transcript, run))


def json_lines(run: Run) -> Iterator[dict[str, Any] | None]:
    """The lines of standard output as objects; None for what is none."""
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        yield value if isinstance(value, dict) else None


def shown(data: bytes) -> str:
    """The end of an output, for evidence; never with the key in it."""
    text = data.decode("utf-8", "replace").strip()
    return guarded(text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}")


def _require_sent(transcript: Transcript) -> None:
    for run in transcript.runs:
        if run.ended == "not started":
            fail(f"the command cannot be started: {run.trouble}")
    if not transcript.calls:
        first = transcript.runs[0] if transcript.runs else None
        how = f"; the program {_ending(first)}" if first else ""
        fail(f"{_name(transcript)}: no request arrived{how}", **_details(transcript, first))


def _require_exit(transcript: Transcript, run: Run) -> None:
    if run.ended != "exited":
        fail(f"{_name(transcript)}: the program {_ending(run)}", **_details(transcript, run))


def _ending(run: Run) -> str:
    if run.ended == "exited":
        return f"ended with exit status {run.status}"
    if run.ended == "signal":
        return f"died of {run.trouble}"
    return f"did not end within {run.seconds:.0f} s and was killed"


def _answers_printed(transcript: Transcript, run: Run) -> list[str]:
    """Each time that the answer was printed, as it is or in a line of JSON."""
    wanted = transcript.task.answer
    texts = [str(line.get("text", "")) for line in json_lines(run) if line is not None and line.get("ok") is True]
    in_lines = [text for text in texts if wanted in text]
    plain = run.stdout.decode("utf-8", "replace")
    return in_lines or [wanted] * plain.count(wanted)


def _name(transcript: Transcript) -> str:
    return f"in the scenario {transcript.task.scenario.name!r}"


def _reason(transcript: Transcript) -> str:
    """What the last refusal was, where there was one."""
    refused = _last_refused(transcript)
    return "" if refused is None else f"; {refused.place.name} said {refused.status} {refused.answer.strip()[:200]}"


def _last_refused(transcript: Transcript) -> Sent | None:
    refused = (sent for sent in reversed(transcript.calls) if sent.status is not None and not sent.accepted)
    return next(refused, None)


def _details(transcript: Transcript, run: Run | None = None) -> dict[str, str]:
    refused = _last_refused(transcript)
    found = {
        "stdout": shown(run.stdout) if run else "",
        "stderr": shown(run.stderr) if run else "",
        "node": refused.told if refused else "",
    }
    return {name: text for name, text in found.items() if text}
