"""What agendad does, act by act: what comes before, and the command that does it; and at which providers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from end_to_end.offices import ADA, CANCEL, HOLD, HOUR, ME, NOW
from simulators.google import switches as google
from simulators.graph import switches as graph

from trust.dav_offices import Caldav, Scheduling
from trust.offices import AGENDA, Folder, Google, Office, Outlook

OFFICES: dict[str, type[Office]] = {office.name: office for office in (Folder, Google, Outlook, Caldav, Scheduling)}
EVERYWHERE = tuple(OFFICES)
TEXTS = tuple(name for name in EVERYWHERE if name not in ("google", "outlook"))
ONCE = ("run", "--once")
_LATE = NOW.replace(hour=23) + 72 * HOUR
"""18:00 in New York, 23:00 in London."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One act. `prepare` returns the command that does it; `route` is how mail leaves.

    A `variant` is an act that is here in full, at another vendor's mailbox or with a switch in another position: what
    it is before anything of it is written down is the same.
    """

    name: str
    prepare: Callable[[Office], tuple[str, ...]]
    providers: tuple[str, ...] = EVERYWHERE
    route: str = "file"
    variant: bool = False


Case = tuple[Scenario, str]
"""An act at a provider; "google with X=Y" is Google where a switch of its simulator is in that position."""


def in_full(case: Case) -> bool:
    """Whether an act is one of its own. A CalDAV server that tells the guests is read like one that does not."""
    scenario, provider = case
    return not scenario.variant and provider != Scheduling.name


def office_of(case: Case, folder: Path) -> AbstractContextManager[Office]:
    scenario, provider = case
    name, _, position = provider.partition(" with ")
    return OFFICES[name].at(folder, route=scenario.route, position=position)


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


def _by(name: str, prepare: Callable[[Office], tuple[str, ...]], *routes: str, at: Iterable[str]) -> Iterator[Scenario]:
    """The same by each route."""
    for route in routes:
        yield Scenario(f"{name} by {route}", prepare, tuple(at), route, variant=route != "SMTP")


ACCOUNTS = ("Gmail", "Gmail, looked up", "Microsoft", "Microsoft, looked up")
VENDORS_WAYS = tuple(
    f"{vendor}, {way}"
    for vendor in ("Gmail", "Microsoft")
    for way in ("looked up for the first time", "which gives other ids", "which shows it late")
)
"""What a vendor may do with a mail, and what is known of it by then."""
MAILING = ("ics", "caldav")
"""Where agendad's own mails tell the guests."""
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
    Scenario("handover", _handover),
    Scenario("propose", _propose),
    Scenario("move", _move, ("google", "outlook")),
    Scenario("undo of a move", _undo(_move), ("google", "outlook")),
    Scenario("undo of a cancellation", _undo(_cancel), ("google", *TEXTS)),
    Scenario("undo of a hold", _undo(_hold)),
    Scenario("undo of a decline", _undo(_decline), ("google", *TEXTS)),
    Scenario("summary", _summary),
    Scenario("warning ahead", _warning),
    Scenario("sign-in ended", _sign_in, ("google", "outlook", "caldav")),
    *_by("nudge", _nudge, "SMTP", at=EVERYWHERE),
    *_by("nudge", _nudge, *ACCOUNTS, *VENDORS_WAYS, at=["ics"]),
    *_by("cancel and tell", _cancel, "SMTP", at=MAILING),
    *_by("cancel and tell", _cancel, *ACCOUNTS, at=["ics"]),
    *_by("undo and tell", _undo(_cancel), "SMTP", at=MAILING),
    *_by("undo and tell", _undo(_cancel), *ACCOUNTS, at=["ics"]),
    *_by("summary", _summary, "SMTP", *ACCOUNTS, at=["ics"]),
    *_by("warning ahead", _warning, "SMTP", *ACCOUNTS, at=["ics"]),
    *_by("sign-in ended", _sign_in, "SMTP", at=["google"]),
)

# the switches of the simulators

_SWITCHED = {"cancel": _cancel, "hold": _hold, "decline": _decline}
_AFTER_A_WRITE = (
    ("cancel", "google with get_of_cancelled=minimal"),
    ("cancel", "google with get_of_cancelled=gone"),
    ("hold", "google with unannounced_changes_reach_guests=False"),
    ("decline", "google with locked_copies=True"),
    ("decline", "google with private_properties_by_guests=forbidden"),
    ("cancel", "outlook with get_of_deleted=found"),
    ("hold", "outlook with if_match=ignored"),
    ("hold", "outlook with write_answer_zone=original"),
    ("decline", "outlook with decline_removes=False"),
)
"""Positions that change what is seen after that act."""
_POSITIONS = (
    *(f"google with {name}={position}" for name, position in google.POSITIONS),
    *(f"outlook with {name}={position}" for name, position in graph.POSITIONS if name != "message_id_kept"),
)
CASES: tuple[Case, ...] = (
    *((scenario, provider) for scenario in SCENARIOS for provider in scenario.providers),
    *((Scenario(name, _SWITCHED[name], variant=True), provider) for name, provider in _AFTER_A_WRITE),
)
SWITCHES: tuple[Case, ...] = tuple(
    (Scenario(name, prepare, variant=True), provider)
    for name, prepare in _SWITCHED.items()
    for provider in _POSITIONS
    if (name, provider) not in _AFTER_A_WRITE
)
"""The acts in every other position, for long runs."""
