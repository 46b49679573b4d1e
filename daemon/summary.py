"""The summary: what agendad found, would do and left alone, as one mail or one screen of text.

Titles, names and bodies come from other people's invites. They are stripped of control characters and of marks
that reorder text, escaped in HTML, and never reach a header.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from jinja2 import PackageLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from agendad.rules.limits import State
from agendad.rules.policy import Mode, Party, Severity
from agendad.rules.saying import called
from agendad.rules.text.untrusted import strip_controls
from agendad.rules.units import format_duration

_Record = TypeVar("_Record")
_WIDTH = 78
_SOON = timedelta(days=3)
"""A step this near is news; it spans a weekend without summaries."""
_PHRASES = {
    "mail": ("Send a mail", "Sent a mail"),
    "patch": ("Write into the invite", "Wrote into the invite"),
    "tentative": ("Answer “tentative”", "Answered “tentative”"),
    "cancel": ("Cancel this session", "Cancelled this session"),
    "decline": ("Decline this session", "Declined this session"),
    "move": ("Move this session", "Moved this session"),
    "propose": ("Suggest another time", "Suggested another time"),
    "restore": ("Lift the hold", "Lifted the hold"),
    "ask": ("Ask you first", "Asked you first"),
}
"""By effect: before and after."""
_PATCHES = {"agenda": "a place for the agenda into the invite", "timezone": "the local times into the invite"}
"""By rule."""
_FROM_FILE = ("agenda.file", "agenda.file-conflict")
_UNSETTLED = {State.FAILED: "Failed", State.UNKNOWN: "In doubt"}
"""Nothing in these may sound as if it were done. A write whose mail could not go out has failed too."""
_STANDS = (State.SENT, State.CONFIRMED)
_PILOTED = "except for pairs with a mode of their own"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A rule's verdict."""

    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session to come. Instants are aware; zones are IANA names, those at the start, None where no one said."""

    title: str
    other: str
    """The other person's name."""
    mentorship: str | None = None
    my_role: Party | None = None
    start: datetime | None
    end: datetime | None
    written_time: str = ""
    """The clock as written, shown where there is no instant (floating time, unknown zone)."""
    my_zone: str | None = None
    other_zone: str | None = None
    away: tuple[str, ...] = ()
    """Who of `me` and `other` is away from home at the start."""
    state: str
    """Of the agenda, in a few words."""
    findings: tuple[FindingLine, ...] = ()
    next_step: str | None = None
    next_step_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorshipLine:
    """A declared pair at a glance. Instants are aware UTC."""

    name: str
    other: str
    """The other person's name."""
    my_role: Party
    i_own: bool
    """The logistics are the user's."""
    last: datetime | None = None
    next: datetime | None = None
    held: int = 0
    """Sessions that are known to have taken place."""
    cadence: timedelta | None = None
    rhythm: str = ""
    """kept, lapsed or too often; "" where no cadence is set, or no session was held."""
    agenda: str = ""
    """Of the next session, in a few words; "" where there is none."""
    open_advice: int | None = None
    """What was advised and is not done; None where no notes are kept."""
    asked: timedelta = timedelta()
    """Of the mentor's time in this quarter of the year."""
    asked_in: int = 0
    """The sessions that this is."""
    findings: tuple[FindingLine, ...] = ()
    """About the pair as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """What would be done, or was. Instants are aware."""

    id: str
    action: str
    """The ladder's word."""
    effect: str
    """What it becomes for the user's role."""
    title: str
    start: datetime | None
    other: str = ""
    """The other person's name, for their local time."""
    other_zone: str | None = None
    my_zone: str | None = None
    """The user's at the start, where it is not the summary's."""
    away: tuple[str, ...] = ()
    """Who of `me` and `other` is away from home at the start."""
    to: tuple[str, ...] = ()
    """Names or addresses."""
    reason: str
    """A finding code."""
    message: str
    at: datetime
    """When it was decided; in `Summary.done`, when it was done."""
    text: str = ""
    """What is said."""
    state: State = State.WOULD
    detail: str = ""
    """What there is to know beside the state, in a sentence."""
    undo: str = ""
    """The command that takes it back; "" where nothing can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingLine:
    """A cancellation that will be made unless something changes. Instants are aware."""

    title: str
    start: datetime | None
    other: str = ""
    other_zone: str | None = None
    my_zone: str | None = None
    """The user's at the start, where it is not the summary's."""
    away: tuple[str, ...] = ()
    """Who of `me` and `other` is away from home at the start."""
    action: str
    """The ladder's word."""
    effect: str
    at: datetime
    """When it would go."""
    message: str
    reason: str
    keep: str
    """How to keep the session, in a sentence."""
    pause: str
    """The command that holds it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedLine:
    """What was left alone, and why."""

    what: str
    why: str
    title: str
    start: datetime | None = None
    my_zone: str | None = None
    """The user's at the start, where it is not the summary's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsYouLine:
    """What only the user can settle. `how` is shown as it is, to type or to paste."""

    what: str
    why: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """Something in a calendar that could not be read. `line` is 1-based."""

    source: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """How an account does."""

    name: str
    ok: bool
    events: int = 0
    error: str = ""
    next_step: str = ""
    problems: tuple[ProblemLine, ...] = ()
    vanished: int = 0
    """Upcoming events that were known and are gone, so many at once that nothing was concluded from it."""

    @property
    def healthy(self) -> bool:
        return self.ok and not self.problems and not self.vanished


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the summary says. `since` is None for the first one; instants are aware."""

    name: str
    zone: str | None
    """The user's when this is written; None is UTC."""
    generated_at: datetime
    since: datetime | None = None
    mode: Mode = Mode.OBSERVE
    needs_you: tuple[NeedsYouLine, ...] = ()
    coming: tuple[ComingLine, ...] = ()
    done: tuple[ActionLine, ...] = ()
    would: tuple[ActionLine, ...] = ()
    skipped: tuple[SkippedLine, ...] = ()
    mentorships: tuple[MentorshipLine, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    accounts: tuple[AccountLine, ...] = ()
    notes: tuple[str, ...] = ()
    """How to go on, one hint each."""


def is_empty(summary: Summary) -> bool:
    """True if nothing here is news: sessions that are fine, accounts that are well, hints already known."""
    soon = summary.generated_at + _SOON
    return not (
        summary.needs_you
        or summary.coming
        or summary.done
        or summary.would
        or summary.skipped
        or any(not account.healthy for account in summary.accounts)
        or any(line.next_step_at is not None and line.next_step_at <= soon for line in summary.sessions)
    )


def headline(summary: Summary) -> str:
    """The summary in one line: counts, and nothing that somebody else wrote.

    >>> headline(Summary(name="Grace", zone=None, generated_at=datetime(2026, 11, 30, tzinfo=UTC)))
    'all quiet'
    """
    ailing = sum(not account.healthy for account in summary.accounts)
    states = [line.state for line in summary.done]
    parts = [
        _count(len(summary.coming), "cancellation to come", "cancellations to come"),
        _count(sum(state in _STANDS for state in states), "thing done", "things done"),
        _count(states.count(State.FAILED), "failed", "failed"),
        _count(states.count(State.UNKNOWN), "in doubt", "in doubt"),
        _count(states.count(State.UNDONE), "taken back", "taken back"),
        _count(len(summary.would), "thing I would do", "things I would do"),
        _count(len(summary.needs_you), "needs you", "need you"),
        _count(ailing, "account has a problem", "accounts have problems"),
    ]
    return ", ".join(part for part in parts if part) or "all quiet"


def plain(summary: Summary) -> str:
    """The summary as text of at most 80 columns; only what is there to be pasted keeps its own width."""
    return _fill("summary.txt.j2", _stripped(summary))


def as_html(summary: Summary) -> str:
    """The summary as a document of its own, for mail clients."""
    return _fill("summary.html.j2", _stripped(summary))


def render(
    summary: Summary, *, sender: str, recipients: Sequence[str], message_id: str, reply_to: str = ""
) -> EmailMessage:
    """The summary as a mail, text and HTML. The same arguments give the same mail, but for MIME boundaries.

    `reply_to` is the user's address, where that is not the sender's.

    Raises:
        ValueError: an address or the Message-ID holds a line break.
    """
    day = _local(summary.generated_at, summary.zone)
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    if reply_to not in ("", sender):
        message["Reply-To"] = reply_to
    # ASCII: folding an encoded word into a long line adds a blank (CPython's email package).
    message["Subject"] = f"agendad: {headline(summary)} ({_day(day)})"
    message["Date"] = format_datetime(day)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no vacation notice answers it
    message.set_content(plain(summary), cte="quoted-printable")
    message.add_alternative(as_html(summary), subtype="html", cte="quoted-printable")
    return message


def local_times(
    start: datetime,
    end: datetime | None = None,
    *,
    mine: str | None,
    other: str = "",
    theirs: str | None = None,
    away: Sequence[str] = (),
) -> tuple[str, ...]:
    """A time as each of the two reads it on their clock; one entry where the two clocks agree and both are at home.

    `mine` and `theirs` are the zones where the two are then, `away` who of `me` and `other` is not at home.

    >>> start = datetime(2026, 12, 1, 20, tzinfo=UTC)
    >>> local_times(start, mine="America/New_York", other="Ada Lovelace", theirs="Asia/Tokyo")
    ('Tue 1 Dec 15:00 EST (you, New York)', 'Wed 2 Dec 05:00 JST (Ada, Tokyo)')
    """
    me = _local(start, mine)
    span = _span(me, end)
    who = called(other) or "the other"
    my_reading = f"{_day(me)} {span} ({_place('you', mine, away='me' in away)})"
    if theirs is None:
        return (my_reading,)
    them = _local(start, theirs)
    if them.replace(tzinfo=None) == me.replace(tzinfo=None) and not away:
        return (f"{_day(me)} {span} ({_place(f'you and {who}', mine)})",)
    day = "" if them.date() == me.date() else f"{_day(them)} "
    return (my_reading, f"{day}{_span(them, end)} ({_place(who, theirs, away='other' in away)})")


def _local(instant: datetime, zone: str | None) -> datetime:
    return instant.astimezone(ZoneInfo(zone) if zone else UTC)


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"


def _span(start: datetime, end: datetime | None) -> str:
    """`start` is local; `end` is any aware time."""
    name = start.tzname() or "UTC"
    abbreviation = f"UTC{name}" if name[0] in "+-" else name  # zones without letters are named by offset
    if end is None:
        return f"{start:%H:%M} {abbreviation}"
    until = end.astimezone(start.tzinfo)
    day = "" if until.date() == start.date() else f"{_day(until)} "
    return f"{start:%H:%M}–{day}{until:%H:%M} {abbreviation}"


def _place(who: str, zone: str | None, *, away: bool = False) -> str:
    city = (zone or "").rpartition("/")[2].replace("_", " ")
    return ", ".join([who, *([] if city in ("", "UTC") else [city]), *(["while away"] if away else [])])


def _count(number: int, one: str, many: str) -> str:
    return "" if number == 0 else f"{number} {one if number == 1 else many}"


def _stripped(value: _Record) -> _Record:
    """The same record with `strip_controls` done to every text in it, however deep."""
    cleaned: Any = value  # what comes back has the type that went in
    if isinstance(value, str) and not isinstance(value, Enum):
        cleaned = strip_controls(value)
    elif isinstance(value, tuple):
        cleaned = tuple(_stripped(item) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        cleaned = replace(value, **{field.name: _stripped(getattr(value, field.name)) for field in fields(value)})
    result: _Record = cleaned
    return result


def _notice(summary: Summary) -> str:
    """What the mode means, and nothing that is not true of everything below it."""
    acted = bool(summary.done or summary.coming)
    if summary.mode is Mode.ACT:
        return "Acting: what is due is done without asking, unless a pair or a rule is set to less."
    if summary.mode is Mode.APPROVE:
        return f"Asking first: nothing goes out without your yes{f', {_PILOTED}' if acted else ''}."
    return f"Observing{f', {_PILOTED}.' if acted else ': nothing was sent and nothing was changed.'}"


def _done_phrase(line: ActionLine) -> str:
    if line.state in _UNSETTLED:
        return f"{_UNSETTLED[line.state]}: {_lowered(_phrase(line))}"
    phrase = _phrased(line, after=True)
    return f"Taken back: {_lowered(phrase)}" if line.state is State.UNDONE else phrase


def _phrase(line: ActionLine | ComingLine) -> str:
    return _phrased(line, after=False)


def _phrased(line: ActionLine | ComingLine, *, after: bool) -> str:
    rule = line.reason.partition(".")[0]
    if line.effect == "mail" and isinstance(line, ActionLine) and line.to and after:
        return f"Wrote to {', '.join(line.to)}"
    if (line.action, line.effect) == ("hold", "patch"):
        return f"{'Marked' if after else 'Mark'} the invite “{'agenda pending' if rule == 'agenda' else 'on hold'}”"
    if line.effect == "patch" and line.reason in _FROM_FILE:
        return f"{'Wrote' if after else 'Write'} the agenda from your file into the invite"
    if line.effect == "patch" and rule in _PATCHES:
        return f"{'Wrote' if after else 'Write'} {_PATCHES[rule]}"
    return _PHRASES.get(line.effect, (line.effect, line.effect))[after]


def _timed(line: ActionLine) -> str:
    """What happened at `line.at`."""
    return "decided" if line.state is State.WOULD else "tried" if line.state in _UNSETTLED else "done"


def _lowered(phrase: str) -> str:
    """As it goes on after a colon; names keep their capitals."""
    return phrase[:1].lower() + phrase[1:]


def _note(line: ActionLine) -> str:
    """What there is to know beside the state; never "" for what is on its way, or its state would look settled."""
    if line.state is not State.SENT or line.detail:
        return line.detail
    if line.effect in ("mail", "propose"):
        return "it is on its way; whether it was taken is not known yet"
    return "the calendar is changed; it has not been read back yet"


def pair_lines(line: MentorshipLine, moment: Callable[[datetime], str]) -> tuple[str, ...]:
    """A pair in a few lines; `moment` says a time.

    >>> pair = MentorshipLine(name="p", other="Ada Lovelace", my_role=Party.MENTEE, i_own=True, held=1)
    >>> pair_lines(replace(pair, asked=timedelta(minutes=90), asked_in=2), str)[1]
    "this quarter: 1 h 30 min of Ada's time, in 2 sessions"
    """
    met = f"last: {moment(line.last)}" if line.last else "no session known yet"
    coming = f"next: {moment(line.next)}, agenda: {line.agenda}" if line.next else "next: none planned"
    whose = f"{called(line.other)}'s" if line.my_role is Party.MENTEE else "your"
    asked = f"this quarter: {_length(line.asked)} of {whose} time, in {_count(line.asked_in, 'session', 'sessions')}"
    rhythm = f"meant to be {_every(line.cadence)}: {line.rhythm}" if line.cadence and line.rhythm else ""
    advice = "" if line.open_advice is None else f"open advice: {line.open_advice or 'none'}"
    about = " · ".join(part for part in (rhythm, asked if line.asked_in else "", advice) if part)
    return (f"{met} · {coming}", *([about] if about else []))


def _every(cadence: timedelta) -> str:
    if cadence.days % 7 == 0 and cadence == timedelta(cadence.days):
        return "every week" if cadence.days == 7 else f"every {cadence.days // 7} weeks"
    return f"every {format_duration(cadence)}"


def _length(span: timedelta) -> str:
    hours, minutes = divmod(round(span / timedelta(minutes=1)), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def _wrap(text: str, indent: int = 0, first: str = "") -> str:
    """One paragraph; `first` opens its first line, inside the indent."""
    margin = " " * indent
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=margin + first,
        subsequent_indent=margin + " " * len(first),
        break_on_hyphens=False,
    )


def _paragraphs(text: str, prefix: str) -> str:
    """Lines kept as they are, long ones wrapped, each after `prefix`."""
    lines = (textwrap.wrap(line, _WIDTH - len(prefix), break_on_hyphens=False) or [""] for line in text.split("\n"))
    return "\n".join((prefix + line).rstrip() for wrapped in lines for line in wrapped)


def _flowing(text: str) -> str:
    r"""Wrapped paragraphs as one line each, which a narrow screen wraps by itself; lists keep their lines.

    >>> _flowing("Hi Ada,\n\nwrapped\nprose\n\nAgenda:\n- one")
    'Hi Ada,\n\nwrapped prose\n\nAgenda:\n- one'
    """
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        each if "\n- " in each or each.startswith("- ") else each.replace("\n", " ") for each in paragraphs
    )


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=PackageLoader("agendad.daemon", "templates"),
        autoescape=select_autoescape(("html.j2",), disabled_extensions=("txt.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(wrap=_wrap, paragraphs=_paragraphs, flowing=_flowing, day=_day, count=_count)
    environment.globals.update(
        local=_local,
        local_times=local_times,
        phrase=_phrase,
        done_phrase=_done_phrase,
        lowered=_lowered,
        note=_note,
        timed=_timed,
        pair_lines=pair_lines,
    )
    return environment


def _fill(template: str, summary: Summary) -> str:
    def moment(instant: datetime, zone: str | None = None) -> str:
        local = _local(instant, zone or summary.zone)
        return f"{_day(local)} {_span(local, None)}"

    return (
        _environment()
        .get_template(template)
        .render(summary=summary, headline=headline(summary), moment=moment, notice=_notice(summary))
    )
