"""The words: what agendad would say for a step, as one short text from a person to a person.

template
    A Jinja file `LANGUAGE/ACTION.ROLE.txt.j2`: the subject's line, an empty line, the body. It runs in a sandbox,
    may use the names in `VARIABLES` and no others, and is never made from what an event says.
reader
    Whom the text is for: me, or the other person of the pair. The times are told on the reader's clock first.
writer
    Me; in a text to myself it is agendad.
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    PackageLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agendad.providers.model import EventTime, Sensitivity, ZoneKind
from agendad.rules import agenda_file, saying
from agendad.rules.base import Session
from agendad.rules.hours import Fit, LocalFit, fit
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Person, Policy, Weekday
from agendad.rules.recalling import opening
from agendad.rules.relationship import Notes
from agendad.rules.roles import Effect
from agendad.rules.text.introduction import draft_of, introduction
from agendad.rules.text.skeleton import skeleton
from agendad.rules.text.untrusted import one_line
from agendad.rules.text.wrapping import joined, wrapped
from agendad.rules.units import format_clock

Channel = Literal["mail", "notice", "comment"]

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "reader": "first name of whom the text is for; a name such as 王小明 stays whole",
        "me": "the user's first name",
        "other": "the other person's first name",
        "session": "“our session” with its title in quotes; without it where the event is private or has none",
        "title": "the title in the quotes of the language; empty where the event is private or has none",
        "day": "the day on the reader's clock: Thu 3 Dec",
        "when": "the start on both clocks: Thu 3 Dec, 16:00 GMT (London) / 11:00 EST (New York); where somebody is "
        "in another zone then: 01:00 JST (Tokyo, while away)",
        "code": "the finding's code: agenda.missing",
        "rule": "the part of the code before the dot",
        "message": "the finding in a sentence, as the user is told it",
        "rung": "the ladder's word, also where the user is asked instead",
        "why_ask": "why the user is asked, or an empty text",
        "i_own": "true if the user owns the logistics",
        "i_organize": "true if the user organizes the event",
        "other_organizes": "true if the other person does",
        "in_series": "true for one of a series",
        "to_me": "true if the text is for the user",
        "my_hours": "the user's working hours with their zone, or an empty text",
        "other_hours": "the other's",
        "my_strain": "why the time is hard for the user: a clock time, a holiday's name, “day off”, or an empty text",
        "other_strain": "why it is hard for the other",
        "skeleton": "an agenda to fill in; where you keep notes it opens with what was advised, and what came of it",
        "agenda": "what the user's agenda file says, to stand as a paragraph of its own; otherwise empty",
        "file": "in a reminder to the user, where to write the agenda; empty without `agendas` in the configuration",
        "about_me": "true if the finding is about the user, such as something else in their calendar",
        "about_other": "true if it is about the other person",
        "first_call": "true if it is the pair's first session and the text is to ask for an introduction",
        "lacks": "what the invite lacks of an introduction: both, why, learning; empty where nothing is missing",
        "introduction": "an introduction to fill in, with what is missing of it",
        "ahead": "the steps that remain on this ladder, each with .action (the ladder's word, or move where it comes "
        "to that) and .by (a time on the reader's clock)",
        "slots": "times to propose, the best first, each a text like `when`; in a move text the new time alone",
        "shared": "in a handover text: true if the other person may change the event in their own calendar from now on",
        "undone": "in a restore text what is taken back: cancel, decline, tentative, patch, move; else empty",
        "by_user": "in a restore text: true if the user took it back, false if what it was for has been settled",
    }
)
"""What a template may use, name → meaning."""

SUFFIX = ".txt.j2"
"""What the name of a template's file ends in."""
_TITLE, _SENTENCE, _NAME, _SUBJECT = 60, 300, 40, 78
LINE_WIDTH = 72
"""Columns of a line; characters of Chinese and Japanese take two."""
_FIRST_CALL = "first-call."
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
"""White space at which a line may break; French punctuation is held to its word by the other kind."""
_ENDS = ("!", "?", "…", "。", "！", "？")
"""What ends a sentence beside a full stop."""
_TEMPLATE_FAULTS = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
"""What an expression in a template can raise beside Jinja's own errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said. `body` is plain text of at most 72 columns, without a final line break."""

    subject: str
    body: str
    channel: Channel
    """mail; notice: put into the event or its cancellation; comment: goes with an RSVP."""
    language: str
    """The language of the template that was found."""
    block: tuple[str, ...] = ()
    """What is put into the event, or is to be pasted into it, where that is the agenda of the user's file."""

    def as_json(self) -> dict[str, str]:
        """The shape in `agendad.run/1`."""
        return {"channel": self.channel, "subject": self.subject, "body": self.body}


class MessageTemplateError(Exception):
    """A template does not work. The message names its file and line, and what to do.

    Args:
        text: the message.
        where: the file, "" where it is no single one.
        line: 1-based; 0 where it is not known.
        what: is wrong there.
    """

    def __init__(self, text: str, *, where: str = "", line: int = 0, what: str = "") -> None:
        super().__init__(text)
        self.where, self.line, self.what = where, line, what


def compose(
    session: Session,
    step: Step,
    policy: Policy,
    now: datetime,
    *,
    plan: Sequence[Step] = (),
    slots: Sequence[tuple[datetime, datetime]] = (),
    shared: bool = False,
    notes: Notes | None = None,
    file: str = "",
    overrides: BaseLoader | None = None,
) -> Message:
    """Word one step.

    Args:
        session: of a declared pair.
        step: what is about to be done.
        policy: the configuration.
        now: aware UTC; steps whose time has passed are not announced.
        plan: the steps that remain; those of the same rule after this one are announced in the text.
        slots: the times to propose, (start, end) in aware UTC, the best first.
        shared: the guests are let change the event along with this.
        notes: the user's on this mentorship; what was advised opens the skeleton.
        file: where the user can write the session's agenda; said in texts to the user.
        overrides: a loader of templates that replace the built-in ones of the same name.

    Raises:
        MessageTemplateError: a template is broken, or uses a name that does not exist.
        ValueError: the pair is not declared.
    """
    mentorship = _declared(session)
    reader = policy.me if _to_me(session, step) else mentorship.other
    facts, clocks = _facts(session, mentorship, step, reader), _clocks(session, mentorship, reader)
    language = reader.language
    facts["ahead"] = tuple(_say_ahead(step, plan, now, clocks, language))
    begun = _opening(session, mentorship, reader, notes)
    facts["skeleton"] = skeleton(saying.spoken(language), begun, first_call=facts["first_call"])
    facts["slots"] = tuple(_say_slot(start, session.event.start, clocks, language) for start, _ in slots)
    facts["shared"] = shared
    facts["file"] = _PATH if file and reader is policy.me else ""
    facts["agenda"] = _AGENDA if step.lines else ""
    said = worded(template_of(session, step), reader, facts, _channel(session, step), overrides)
    told = "\n".join(wide for line in step.lines for wide in wrapped(line, LINE_WIDTH, _indent(line)) or [""])
    body = said.body.replace(_PATH, file).replace(_AGENDA, told)
    return replace(said, body=body, block=_block(session, step, policy.me, reader, now) if step.lines else ())


_AGENDA, _PATH = "\ue000", "\ue001"
"""Stand, while a text is laid out, for what keeps its own lines."""


def _indent(line: str) -> str:
    """How a line goes on."""
    return " " * (len(line) - len(line.lstrip(" ")) + (2 if line.lstrip(" ").startswith("- ") else 0))


def _block(session: Session, step: Step, me: Person, reader: Person, now: datetime) -> tuple[str, ...]:
    """What the event gets: between two marked lines where it is ours to change, else as it is to be pasted."""
    if not session.i_organize:
        return step.lines
    moment = now.astimezone(reader.zone_at(now) or me.zone_at(now) or UTC)
    stamp = f"{saying.day(moment, reader.language)}, {moment:%H:%M} {saying.abbreviation(moment)}"
    return agenda_file.block_lines(step.lines, f"{first_name(me)}, {stamp}")


def compose_restored(
    session: Session,
    step: Step,
    *,
    undone: Effect,
    by_user: bool,
    overrides: BaseLoader | None = None,
) -> Message:
    """Word that something is as it was before.

    Args:
        session: of a declared pair, as it stands again.
        step: what is taken back, or what takes it back.
        undone: what had been done.
        by_user: the user took it back; otherwise what it was for has been settled.
        overrides: as for `compose`.

    Raises:
        MessageTemplateError: as for `compose`.
        ValueError: the pair is not declared.
    """
    mentorship = _declared(session)
    facts = _facts(session, mentorship, step, mentorship.other) | {"undone": undone.value, "by_user": by_user}
    channel: Channel = "notice" if session.i_organize else "comment"
    return worded(template_of(session, None), mentorship.other, facts, channel, overrides)


def _declared(session: Session) -> Mentorship:
    if session.mentorship is None:
        raise ValueError("nothing is said about a pair that is not declared")
    return session.mentorship


def worded(
    name: str,
    reader: Person,
    facts: Mapping[str, Any],  # what a template sees
    channel: Channel,
    overrides: BaseLoader | None,
) -> Message:
    """Word a template in a reader's language.

    Raises:
        MessageTemplateError: it is broken, or uses a name that is not among `facts`.
    """
    template, language = _find(environment(overrides), f"{name}{SUFFIX}", reader.language)
    subject, _, body = _render(template, facts).strip().partition("\n")
    return Message(
        subject=one_line(subject, _SUBJECT),
        body=_lay_out(body.strip("\n"), LINE_WIDTH),
        channel=channel,
        language=language,
    )


def template_names() -> tuple[str, ...]:
    """The built-in templates, with their language."""
    return tuple(name for name in environment(None).list_templates() if "/_" not in name)


def template_of(session: Session, step: Step | None) -> str:
    """The name of the template that words a step, without its language: cancel.organizer. None: one taken back."""
    role = "organizer" if session.i_organize else "attendee"
    if step is None:
        return f"restore.{role}"
    if step.reason in agenda_file.STEPS and step.action in (Action.PATCH, Action.ASK):
        return "agenda.self" if step.action is Action.ASK else f"agenda.{role}"
    if step.action is Action.ASK:
        return "ask.self"
    if step.effect is Effect.MOVE:
        return f"move.{role}"
    if step.action is Action.NUDGE:
        return f"nudge.{'self' if _to_me(session, step) else 'other'}"
    return f"{step.action}.{role}"


def _to_me(session: Session, step: Step) -> bool:
    return step.effect is Effect.ASK or (step.effect is Effect.MAIL and session.me.has(step.to[0]))


def _channel(session: Session, step: Step) -> Channel:
    if step.effect in (Effect.MAIL, Effect.ASK) or (step.effect is Effect.PROPOSE and session.i_organize):
        return "mail"
    return "notice" if session.i_organize else "comment"


# facts


def _ahead(step: Step, plan: Iterable[Step], now: datetime) -> Iterator[Step]:
    """What would follow on the same ladder by itself: questions to me are nobody else's concern."""
    after = max(now, step.sends)
    for later in sorted(plan, key=lambda one: one.sends):
        if later.rule == step.rule and later.sends > after and later.effect is not Effect.ASK:
            yield later


def _say_ahead(
    step: Step, plan: Iterable[Step], now: datetime, clocks: Sequence[Person], language: str
) -> Iterator[dict[str, str]]:
    return ({"action": _deed(later), "by": _by(later.sends, clocks, language)} for later in _ahead(step, plan, now))


def _deed(step: Step) -> str:
    """The ladder's word, or "move" where another time is not only proposed."""
    return step.effect.value if step.effect is Effect.MOVE else step.action.value


def _say_slot(start: datetime, like: EventTime, clocks: Sequence[Person], language: str) -> str:
    time = replace(like, wall=start.replace(tzinfo=None), kind=ZoneKind.UTC, instant=start, zone=None)
    return _when(time, clocks, language)


def _facts(
    session: Session, mentorship: Mentorship, step: Step, reader: Person
) -> dict[str, Any]:  # what a template sees
    me, other, event = session.me, mentorship.other, session.event
    clocks, language = _clocks(session, mentorship, reader), reader.language
    return {
        "reader": first_name(reader),
        "me": first_name(me),
        "other": first_name(other),
        "session": _session(session),
        "title": saying.quoted(title, language) if (title := _title(session)) else "",
        "day": _day(event.start, reader),
        "when": _when(event.start, clocks, language),
        "code": step.reason,
        "rule": step.reason.partition(".")[0],
        "message": one_line(step.message, _SENTENCE),
        "rung": step.rung.value,
        "why_ask": one_line(step.why_ask, _SENTENCE),
        "i_own": mentorship.i_own,
        "i_organize": session.i_organize,
        "other_organizes": event.organizer is not None and other.has(event.organizer.email),
        "in_series": event.in_series,
        "to_me": reader is me,
        "my_hours": _hours(me, event.start, language),
        "other_hours": _hours(other, event.start, language),
        "my_strain": _strain(me, session),
        "other_strain": _strain(other, session),
        "skeleton": skeleton(saying.spoken(language)),
        "agenda": "",
        "file": "",
        "about_me": me.name in step.people,
        "about_other": other.name in step.people,
        **_first_call(session, step, language),
        "ahead": (),
        "slots": (),
        "shared": False,
        "undone": "",
        "by_user": False,
    }


def _first_call(session: Session, step: Step, language: str) -> dict[str, Any]:  # what a template sees
    found = introduction(session.event)
    lacks = {(True, True): "", (True, False): "learning", (False, True): "why"}.get(
        (bool(found.why), bool(found.learn)), "both"
    )
    return {
        "first_call": any(code.startswith(_FIRST_CALL) for code in (step.reason, *step.carries)),
        "lacks": lacks,
        "introduction": draft_of(saying.spoken(language), why=lacks != "learning", learn=lacks != "why"),
    }


def _opening(session: Session, mentorship: Mentorship, reader: Person, notes: Notes | None) -> tuple[str, ...]:
    """What the skeleton opens with, for a session on this day of the user's."""
    me, start = session.me, session.event.start
    day = (start.wall if start.instant is None else start.instant.astimezone(me.zone_at(start.instant) or UTC)).date()
    return opening(notes, day, reader.language, role=mentorship.my_role, to_me=reader is me)


def _clocks(session: Session, mentorship: Mentorship, reader: Person) -> tuple[Person, Person]:
    """Whose clocks the times are told on, the reader's first."""
    return (reader, mentorship.other if reader is session.me else session.me)


def first_name(person: Person) -> str:
    """What a person is called in a text."""
    return saying.called(one_line(person.name, _NAME)) or "you"


def _session(session: Session) -> str:
    title = _title(session)
    return f"our session “{title}”" if title else "our session"


def _title(session: Session) -> str:
    """The title, where it may be said; else ""."""
    public = session.event.sensitivity is Sensitivity.PUBLIC
    return one_line(session.event.title, _TITLE) if public else ""


def _day(start: EventTime, reader: Person) -> str:
    local = start.wall if start.instant is None else start.instant.astimezone(reader.zone_at(start.instant) or UTC)
    return saying.day(local, reader.language)


def _when(start: EventTime, people: Sequence[Person], language: str) -> str:
    """The start as each of the two reads it; the day is said again only where it differs."""
    if start.instant is None:
        return f"{saying.day(start.wall, language)}, {start.wall:%H:%M} ({saying.no_zone(language)})"
    readings = list(_readings(start.instant, people))
    if not readings:
        return _clock(start.instant.astimezone(UTC), language, with_day=True)
    first, away = readings[0]
    others = (
        _clock(local, language, with_day=local.date() != first.date(), away=elsewhere)
        for local, elsewhere in readings[1:]
        if saying.place(local, language) != saying.place(first, language)
    )
    return " / ".join([_clock(first, language, with_day=True, away=away), *others])


def _by(moment: datetime, people: Sequence[Person], language: str) -> str:
    """A deadline on the first known clock: Tue 1 Dec, 15:00 GMT. A clock that is not home's is told with its city."""
    local, away = next(_readings(moment, people), (moment.astimezone(UTC), False))
    zone = saying.place(local, language, away=True) if away else saying.abbreviation(local)
    return f"{saying.day(local, language)}, {local:%H:%M} {zone}"


def _readings(instant: datetime, people: Iterable[Person]) -> Iterator[tuple[datetime, bool]]:
    """An instant on each known clock, and whether that person is away then."""
    for person in people:
        zone = person.zone_at(instant)
        if zone is not None:
            yield instant.astimezone(zone), person.away_at(instant) is not None


def _clock(local: datetime, language: str, *, with_day: bool, away: bool = False) -> str:
    day = f"{saying.day(local, language)}, " if with_day else ""
    return f"{day}{local:%H:%M} {saying.place(local, language, away=away)}"


def _hours(person: Person, start: EventTime, language: str) -> str:
    """Working hours where the person is then, with the days where they are not Monday to Friday."""
    instant = start.instant or start.wall.replace(tzinfo=person.zone_on(start.wall.date()) or UTC)
    reading = next(_readings(instant, (person,)), None)
    if reading is None:
        return ""
    hours = person.working_hours
    local, away = reading
    days = "" if hours.days == tuple(Weekday)[:5] else ", ".join(saying.weekday(day, language) for day in hours.days)
    place = saying.place(local, language, away=away)
    clock = f"{format_clock(hours.start)}–{format_clock(hours.end)} {place}"
    return f"{clock}, {days}" if days else clock


def _strain(person: Person, session: Session) -> str:
    """Why the time is hard for this person: the clock outside their hours, a holiday, a day off; "" if it is not."""
    start, end = session.event.start.instant, session.event.end.instant
    local: LocalFit | None = fit(person, start, end) if start and end else None
    if local is None or local.fit is Fit.INSIDE:
        return ""
    if local.fit is Fit.OUTSIDE:
        return f"{local.start:%H:%M}"
    return one_line(local.holiday, _TITLE) or "day off"


# templates


@lru_cache(maxsize=8)
def environment(overrides: BaseLoader | None) -> ImmutableSandboxedEnvironment:
    """What templates are read and run in; `overrides` as for `compose`."""
    builtin = PackageLoader("agendad.rules", "templates")
    made = ImmutableSandboxedEnvironment(
        loader=builtin if overrides is None else ChoiceLoader([overrides, builtin]),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["sentence"] = _sentence
    return made


def _find(jinja: ImmutableSandboxedEnvironment, name: str, language: str) -> tuple[Template, str]:
    """The template in the reader's language, else in English."""
    primary = language.replace("_", "-").partition("-")[0].lower()
    names = [f"{primary}/{name}", f"en/{name}"]
    try:
        template = jinja.select_template(names)
    except TemplateSyntaxError as error:
        raise _broken(error.filename or error.name or name, error.lineno, error.message or "") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _broken(" or ".join(dict.fromkeys(names)), line, "it is not UTF-8") from error
    return template, (template.name or "en").partition("/")[0]


def _render(template: Template, facts: Mapping[str, Any]) -> str:
    try:
        return template.render(facts)
    except TemplateSyntaxError as error:  # in a file that this one imports
        raise _broken(error.filename or error.name or "", error.lineno, error.message or "", facts) from error
    except (TemplateError, *_TEMPLATE_FAULTS) as error:
        name = template.filename or template.name or ""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
        where, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else (name, 0)
        raise _broken(where, line, str(error), facts) from error


def _broken(where: str, line: int, what: str, names: Iterable[str] = VARIABLES) -> MessageTemplateError:
    return MessageTemplateError(
        f"{where}, line {line}: {what}. The message was not written. Templates may use: "
        f"{', '.join(names)}. Without that file the built-in text is used.",
        where=where,
        line=line,
        what=what,
    )


def _sentence(text: str) -> str:
    """A clause as a sentence of its own: there is no agenda yet → There is no agenda yet."""
    clause = _SPACES.sub(" ", text).strip().rstrip(".")
    return f"{clause[:1].upper()}{clause[1:]}{'' if clause.endswith(_ENDS) else '.'}"


def _lay_out(text: str, width: int) -> str:
    """Paragraphs wrapped; list items keep lines of their own."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.strip())
    return "\n\n".join("\n".join(_lines(paragraph, width)) for paragraph in paragraphs if paragraph.strip())


def _lines(paragraph: str, width: int) -> Iterator[str]:
    running: list[str] = []
    for line in [*paragraph.split("\n"), ""]:
        item = line.startswith("- ")
        if (item or not line.strip()) and running:
            yield from wrapped(joined(running), width)
            running = []
        if item:
            yield from wrapped(line, width, "  ")
        elif line.strip():
            running.append(line)
