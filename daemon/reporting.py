"""The JSON shapes of the contract, made in one place for every command."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from agendad.daemon.store import stamp, unstamp
from agendad.providers.base import Problem
from agendad.providers.model import Event, Sensitivity
from agendad.rules.base import rule_of
from agendad.rules.engine import Verdict
from agendad.rules.plan import Step
from agendad.rules.policy import Action
from agendad.rules.roles import Effect, nobody_else_comes

PRIVATE_TITLE = "(private)"

_ACTING = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What acts on a terminal, or is not seen there, and what JSON does not escape by itself."""


def json_text(shape: Any, default: Callable[[Any], Any] | None = None) -> str:  # whatever JSON takes
    r"""JSON to print: what people wrote stays readable, and nothing in it does anything to a terminal.

    >>> json_text("Jos\u00e9\u202e\x9b")
    '"José\\u202e\\u009b"'
    """
    text = json.dumps(shape, ensure_ascii=False, indent=2, default=default)
    return text if text.isascii() and "\x7f" not in text else _ACTING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f"


def shown_title(event: Event) -> str:
    """The title, unless the event is private: those are never quoted."""
    return event.title if event.sensitivity is Sensitivity.PUBLIC else PRIVATE_TITLE


def moment(instant: datetime | None) -> str | None:
    return None if instant is None else stamp(instant)


def problem_json(problem: Problem) -> dict[str, Any]:  # JSON
    return {"source": problem.source, "line": problem.line, "message": problem.message}


def step_json(step: Step) -> dict[str, Any]:  # JSON
    """A step that remains, all times in UTC."""
    shape: dict[str, Any] = {
        "action": step.action,
        "effect": step.effect,
        "due": stamp(step.due),
        "sends": stamp(step.sends),
        "reason": step.reason,
        "to": list(step.to),
    }
    if step.why_ask:
        shape["why"] = f"asks instead of {_GERUNDS[step.rung]}: {step.why_ask}"
    return shape


def planned_step(shape: Mapping[str, Any]) -> Step:  # JSON
    """A step that remained, from `step_json`: what a text needs that announces it."""
    action, effect = Action(shape["action"]), Effect(shape["effect"])
    return Step(
        rule=rule_of(shape["reason"]),
        reason=shape["reason"],
        message="",
        action=action,
        rung=action,
        effect=effect,
        due=unstamp(shape["due"]),
        sends=unstamp(shape["sends"]),
        to=tuple(shape["to"]),
        outward=effect is not Effect.ASK,
    )


_GERUNDS = {
    "nudge": "nudging",
    "patch": "patching",
    "hold": "holding",
    "reschedule": "rescheduling",
    "handover": "handing over",
    "cancel": "cancelling",
    "ask": "asking",
}


def session_json(verdict: Verdict, steps: tuple[Step, ...] = ()) -> dict[str, Any]:  # JSON
    """One occurrence as `agendad.lint/1` lists it."""
    event, detection = verdict.event, verdict.detection
    return {
        "source": event.source,
        "account": event.account,
        "uid": event.uid,
        "recurrence_id": event.recurrence_id,
        "title": shown_title(event),
        "start": moment(event.start.instant),
        "end": moment(event.end.instant),
        "wall_start": event.start.wall.isoformat(timespec="minutes"),
        "zone": event.start.zone or event.start.tzid,
        "is_mentorship": detection.is_mentorship,
        "mentorship": detection.mentorship.name if detection.mentorship else None,
        "my_role": detection.my_role,
        "confidence": detection.confidence,
        "evidence": list(detection.evidence),
        "people": list(detection.people),
        "opted_out": detection.opted_out or None,
        "declined": verdict.session is not None and nobody_else_comes(verdict.session),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message,
                "evidence": finding.evidence,
            }
            for finding in verdict.findings
        ],
        "plan": [step_json(step) for step in steps],
    }
