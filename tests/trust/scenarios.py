"""What agendad does, act by act: what comes before, and the command that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from end_to_end.offices import ADA, CANCEL, HOLD, HOUR, ME, NOW

from trust.offices import AGENDA, Office

ONCE = ("run", "--once")
_LATE = NOW.replace(hour=23) + 72 * HOUR
"""18:00 in New York, 23:00 in London."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One act at one provider. `prepare` returns the command that does it."""

    name: str
    prepare: Callable[[Office], tuple[str, ...]]
    smtp: bool = False
    providers: tuple[str, ...] = ("ics", "google", "outlook")


def _cancel(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL)
    office.invite(NOW + 30 * HOUR)
    return ONCE


def _decline(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL)
    office.invite(NOW + 30 * HOUR, by=ADA)
    return ONCE


def _hold(office: Office) -> tuple[str, ...]:
    office.configure(ladder=HOLD)
    office.invite(NOW + 50 * HOUR)
    return ONCE


def _tentative(office: Office) -> tuple[str, ...]:
    office.configure(ladder=HOLD)
    office.invite(NOW + 50 * HOUR, by=ADA)
    return ONCE


def _patch(office: Office) -> tuple[str, ...]:
    office.configure(ladder="{before: 60h, do: patch}")
    office.invite(NOW + 50 * HOUR)
    return ONCE


def _nudge(office: Office) -> tuple[str, ...]:
    office.configure(ladder="{before: 96h, do: nudge}", owner="mentor")
    office.invite(NOW + 80 * HOUR)
    return ONCE


def _handover(office: Office) -> tuple[str, ...]:
    office.configure(ladder="{before: 20d, do: nudge}", ownership="true", owner="mentor")
    office.invite(NOW + 80 * HOUR, body=AGENDA)
    return ONCE


def _propose(office: Office) -> tuple[str, ...]:
    office.configure(timezone="{before: 7d, do: reschedule}")
    office.invite(_LATE, by=ADA, body=AGENDA, accepted=False)
    return ONCE


def _move(office: Office) -> tuple[str, ...]:
    office.configure(timezone="{before: 7d, do: reschedule}")
    office.invite(_LATE, body=AGENDA, accepted=False)
    return ONCE


def _release(by: str) -> Callable[[Office], tuple[str, ...]]:
    def prepare(office: Office) -> tuple[str, ...]:
        office.configure(ladder=HOLD)
        office.invite(NOW + 50 * HOUR, by=by)
        _done(office, *ONCE)
        office.add_agenda()
        office.now += timedelta(hours=24)
        return ONCE

    return prepare


def _approve(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL, mode="approve")
    office.invite(NOW + 30 * HOUR)
    _done(office, *ONCE)
    return ("approve", "--all")


def _undo(act: Callable[[Office], tuple[str, ...]]) -> Callable[[Office], tuple[str, ...]]:
    def prepare(office: Office) -> tuple[str, ...]:
        _done(office, *act(office))
        ((id_,),) = office.journal("SELECT id FROM actions WHERE state = 'confirmed'")
        return ("undo", id_)

    return prepare


def _summary(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL, mode="observe")
    office.invite(NOW + 30 * HOUR)
    _done(office, *ONCE)
    office.now += timedelta(hours=9, minutes=5)  # 17:36 in New York
    return ONCE


def _warning(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL, grace="12h")
    office.invite(NOW + 48 * HOUR)
    return ONCE


def _sign_in(office: Office) -> tuple[str, ...]:
    office.configure(ladder=CANCEL)
    office.invite(NOW + 30 * HOUR)
    _done(office, *ONCE)
    office.sign_out()
    return ONCE


def _done(office: Office, *command: str) -> None:
    status, _, errors = office.run(*command)
    assert status == 0, errors


SCENARIOS = (
    Scenario("cancel", _cancel),
    Scenario("cancel, after a yes", _approve),
    Scenario("decline", _decline),
    Scenario("hold", _hold),
    Scenario("hold, as a guest", _tentative),
    Scenario("release", _release(ME)),
    Scenario("release, as a guest", _release(ADA)),
    Scenario("patch", _patch),
    Scenario("nudge", _nudge),
    Scenario("nudge by SMTP", _nudge, smtp=True),
    Scenario("handover", _handover),
    Scenario("propose", _propose),
    Scenario("move", _move, providers=("google", "outlook")),
    Scenario("undo of a move", _undo(_move), providers=("google", "outlook")),
    Scenario("undo of a cancellation", _undo(_cancel), providers=("ics", "google")),
    Scenario("undo of a hold", _undo(_hold)),
    Scenario("undo of a decline", _undo(_decline), providers=("ics", "google")),
    Scenario("cancel and tell by SMTP", _cancel, smtp=True, providers=("ics",)),
    Scenario("undo and tell by SMTP", _undo(_cancel), smtp=True, providers=("ics",)),
    Scenario("summary", _summary),
    Scenario("summary by SMTP", _summary, smtp=True, providers=("ics",)),
    Scenario("warning ahead", _warning),
    Scenario("warning ahead by SMTP", _warning, smtp=True, providers=("ics",)),
    Scenario("sign-in ended", _sign_in, providers=("google", "outlook")),
    Scenario("sign-in ended by SMTP", _sign_in, smtp=True, providers=("google",)),
)
CASES = tuple((scenario, provider) for scenario in SCENARIOS for provider in scenario.providers)
