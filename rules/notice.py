"""The rule `notice`: an invite comes in time for the other to make room."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from agendad.providers.model import Event, Instance
from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.hours import say_moment
from agendad.rules.policy import Action, RuleOptions, Severity
from agendad.rules.units import Duration, parse_duration

_SPLIT = re.compile(r"_R\d{8}(?:T\d{6}Z?)?(?=@|$)")
"""In the UID of a series that Google split off another one: "this and following events" were changed."""


class NoticeOptions(RuleOptions):
    """What the rule `notice` takes."""

    at_least: Duration = parse_duration("24h")
    """How long before the start an invite comes at the latest."""


@register
class Notice(Rule[NoticeOptions]):
    """An invite comes at least a day before the session.

    What counts is when the invite was made, as the calendar says; where it does not, when agendad first saw it. Where
    neither is known nothing is said. A series is judged by its first session, and a move is none of this rule's concern
    (see `ownership.short-notice-move`).

        rules:
          notice:
            at_least: 24h
    """

    name: ClassVar[str] = "notice"
    codes: ClassVar[dict[str, str]] = {
        "notice.too-short": "The invite came shortly before the session.",
    }
    samples: ClassVar[dict[str, str]] = {
        "notice.too-short": "The invite came 5h before the session; at least 24h would be kind.",
    }
    steps = frozenset({Action.NUDGE, Action.ASK})
    Options = NoticeOptions

    def check(
        self,
        session: Session,
        history: History,
        options: NoticeOptions,
        now: datetime,  # noqa: ARG002 - every rule's signature
    ) -> Iterable[Finding]:
        """Judge how long before its session an invite came."""
        event, start = session.event, session.event.start.instant
        came = existed_since(event, history)
        if start is None or came is None or _is_later_one(event, history) or _was_moved(history):
            return
        notice = start - came
        if not timedelta() <= notice < options.at_least:
            return
        how = "made" if event.created == came else "first seen"
        yield Finding(
            code="notice.too-short",
            severity=Severity.WARNING,
            message=f"The invite came {_say(notice)} before the session; "
            f"at least {_say(options.at_least)} would be kind.",
            evidence=f"{how} {say_moment(session.me, came)}; starts {say_moment(session.me, start)}",
            reach=Reach.NUDGE,
        )


def existed_since(event: Event, history: History) -> datetime | None:
    """Since when an invite is known to exist (aware UTC): when it was made, or else when it was seen or changed first.

    Some calendars say that an event was made when it was exported; what was seen before that tells better.
    """
    if event.created is None and history.first_seen is None:
        return None
    proofs = (event.created, history.first_seen, event.modified, event.stamped, *seen_at(history))
    return min(moment for moment in proofs if moment is not None)


def seen_at(history: History) -> tuple[datetime, ...]:
    """When it was seen first in a state that is remembered."""
    return tuple(version.seen_at for version in history.versions[:1])


def _is_later_one(event: Event, history: History) -> bool:
    """One of a series that is not its first, as far as is known, or that was put elsewhere."""
    if event.instance is Instance.SINGLE:
        return False
    if event.instance is Instance.EXCEPTION or _SPLIT.search(event.uid):
        return True
    return any(
        peer.start.instant is not None and event.start.instant is not None and peer.start.instant < event.start.instant
        for peer in history.peers
    )


def _was_moved(history: History) -> bool:
    return len({version.start for version in history.versions}) > 1


def _say(notice: timedelta) -> str:
    """In whole hours, in minutes where it is less than one: 24h, 20m."""
    minutes = int(notice.total_seconds() // 60)
    return f"{minutes // 60}h" if minutes >= 60 else f"{minutes}m"
