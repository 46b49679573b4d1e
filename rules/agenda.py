"""Does an invite carry a real agenda?"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import ClassVar

from agendad.providers.model import Event, Sensitivity, Status
from agendad.rules import agenda_file
from agendad.rules.agenda_file import FileAgenda, Place
from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.policy import Action, LadderStep, RuleOptions, Severity, ladder
from agendad.rules.text import readable
from agendad.rules.text.assessment import Assessment, State, agenda_lines, assess, names_a_topic
from agendad.rules.text.dates import latest_dates, says_when_updated
from agendad.rules.text.untrusted import MAX_TITLE

__all__ = ["Agenda", "AgendaOptions", "Assessment", "State", "agenda_lines", "assess"]

_QUOTE_LENGTH = 120


class AgendaOptions(RuleOptions):
    """Options of the agenda rule."""

    accept_links: bool = True
    """A link labelled as the agenda counts as one; otherwise it is a doubt."""
    ladder: tuple[LadderStep, ...] = ladder(("96h", Action.NUDGE), ("60h", Action.HOLD), ("36h", Action.CANCEL))
    climbs: tuple[str, ...] = ("agenda.missing", "agenda.placeholder")


@register
class Agenda(Rule[AgendaOptions]):
    """A session has an agenda: what a person wrote about this session's topics, as list or prose.

    One concrete item is enough. Join links, dial-in numbers, signatures, quoted mails, footers, hidden markup,
    "TBD", untouched templates and small talk are no agenda. "Agenda: none needed" is respected. What cannot be
    judged (another language, a shared document, an attachment) is a warning and never goes past a nudge.

    With `agendas:` in the configuration what you write into a session's file is put into its invite: nothing is missing
    then, and what happens with the file is told here.

        rules:
          agenda:
            accept_links: true
            ladder:
              - {before: 96h, do: nudge}
              - {before: 60h, do: hold}
              - {before: 36h, do: cancel}
    """

    name: ClassVar[str] = "agenda"
    codes: ClassVar[Mapping[str, str]] = {
        "agenda.missing": "nothing says what the session is about",
        "agenda.placeholder": "the agenda is a placeholder or a template that nobody filled in",
        "agenda.stale": "the agenda is one for an earlier session",
        **agenda_file.CODES,
    }
    steps = Rule.steps | {Action.PATCH}
    Options = AgendaOptions

    def check(self, session: Session, history: History, options: AgendaOptions, now: datetime) -> Iterable[Finding]:
        event = session.event
        if history.file is not None:
            yield from _about_file(session, history.file)
        on_its_way = history.file is not None and history.file.carries_agenda and not history.file.is_refused
        found = assess(event, accept_links=options.accept_links)
        if found.state is State.OPTED_OUT:
            return
        if found.state is State.PRESENT and not on_its_way:
            yield from _stale(event, found, history, now)
        if found.state is State.PRESENT or on_its_way:
            return
        evidence = "; ".join(filter(None, (_quote(event, found.deciding), _title_topic(event))))
        if found.state is State.DOUBT:
            yield Finding(
                code="agenda.missing",
                severity=Severity.WARNING,
                message=f"It cannot be told whether there is an agenda: {found.reason}.",
                evidence=evidence,
                reach=Reach.NUDGE,
            )
        elif found.state is State.PLACEHOLDER:
            yield Finding(
                code="agenda.placeholder",
                severity=Severity.ERROR,
                message="The invite holds a placeholder where the agenda belongs.",
                evidence=evidence,
            )
        else:
            yield Finding(
                code="agenda.missing",
                severity=Severity.ERROR,
                message="The invite has no agenda.",
                evidence="; ".join(filter(None, (_what_there_is(event), _title_topic(event)))),
            )


def _about_file(session: Session, known: FileAgenda) -> Iterator[Finding]:
    """What the user should know of the session's file."""
    file = known.file
    place = agenda_file.place_of(session.event, known, i_organize=session.i_organize)
    code, message, severity = "", "", Severity.INFO
    if file is None:
        if known.base and session.i_organize and agenda_file.standing_block(session.event):
            code = agenda_file.GONE
            message = (
                "The file of this session's agenda is gone, or has another day's name; the invite keeps what it said."
            )
    elif file.problem:
        code, severity = agenda_file.UNUSABLE, Severity.WARNING
        message = f"{file.path} is not used: {file.problem}."
    elif file.unfilled:
        code, message = (
            agenda_file.UNFILLED,
            f"{file.path} is still the untouched skeleton; nothing of it is put anywhere.",
        )
    elif place in (Place.BEHIND, Place.CONFLICT):
        code = agenda_file.CONFLICT if place is Place.CONFLICT else agenda_file.WAITING
        severity = Severity.WARNING if place is Place.CONFLICT else Severity.INFO
        message = agenda_file.message_of(known, place, i_organize=session.i_organize)
        if known.is_refused:
            message += " You said no to that, or took it back; it is looked at anew once you change the file."
    if code:
        yield Finding(code=code, severity=severity, message=message, reach=Reach.REPORT)


def _quote(event: Event, line: str) -> str:
    if event.sensitivity is not Sensitivity.PUBLIC:
        return ""
    printable = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    return printable if len(printable) <= _QUOTE_LENGTH else printable[: _QUOTE_LENGTH - 1] + "…"


def _title_topic(event: Event) -> str:
    """The title where it names a topic: no agenda, and good to know before something is cancelled."""
    title = _quote(event, event.title[:MAX_TITLE])
    return f"the title names a topic: {title}" if title and names_a_topic(event) else ""


def _what_there_is(event: Event) -> str:
    if not event.text.strip() and not event.html.strip():
        return "the body is empty"
    if event.sensitivity is not Sensitivity.PUBLIC:
        return ""
    return _quote(event, next((line.text for line in readable(event.text, event.html).written if line.text), ""))


def _stale(event: Event, found: Assessment, history: History, now: datetime) -> Iterator[Finding]:
    heading = _dated_before(event, found)
    if heading is not None:
        message, evidence = "The agenda is dated for an earlier session.", heading
    elif _used_before(event, found, history, now):
        message, evidence = "The agenda is the one of a session that has already taken place.", found.deciding
    else:
        return
    yield Finding(
        code="agenda.stale",
        severity=Severity.WARNING,
        message=message,
        evidence=_quote(event, evidence),
        reach=Reach.NUDGE,
    )


def _dated_before(event: Event, found: Assessment) -> str | None:
    """The heading with the latest date, if every agenda line stands under an earlier date than the session's."""
    day = event.start.wall.date()
    original = (event.recurrence_id or "")[:10]
    newest = None
    for heading in found.headings:
        dates = latest_dates(heading, day) if heading and not says_when_updated(heading) else []
        if not dates or max(dates) >= day - timedelta(days=1) or max(dates).isoformat() == original:
            return None
        if newest is None or max(dates) > newest[0]:
            newest = (max(dates), heading)
    return newest[1] if newest else None


def _used_before(event: Event, found: Assessment, history: History, now: datetime) -> bool:
    ours = _normal(found.lines)
    for peer in reversed(history.peers):
        over = peer.end.instant is not None and peer.end.instant <= now
        if not over or peer.status is Status.CANCELLED or peer.key == event.key:
            continue
        if event.start.instant is not None and peer.end.instant > event.start.instant:  # type: ignore[operator]
            continue
        if (peer.text, peer.html) == (event.text, event.html) or _normal(agenda_lines_of(peer)) == ours:
            return True
    return False


def _normal(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(line.casefold().split()) for line in lines)


@lru_cache(maxsize=256)
def agenda_lines_of(peer: Event) -> tuple[str, ...]:
    """The agenda of an earlier occurrence; a series asks for the same few again and again."""
    return agenda_lines(peer)
