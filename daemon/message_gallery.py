"""Every message that agendad has words for, as text and as pictures.

`python -m agendad.daemon.message_gallery` writes the pages anew.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader

from agendad.daemon.draft_gallery import DraftScene, draft_scenes, word_draft
from agendad.daemon.picture_gallery import picture, picture_page
from agendad.providers.model import Attendee, Event, EventTime, Instance, Organizer, Partstat, ZoneKind
from agendad.rules import agenda_file
from agendad.rules.base import Detection, Session, registered, rule_of
from agendad.rules.drafts import DRAFT_VARIABLES
from agendad.rules.engine import default_options, load_builtin
from agendad.rules.messages import VARIABLES, Message, compose, compose_restored, template_names, template_of
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Party, Person, Policy, RuleOptions
from agendad.rules.quiet import next_open
from agendad.rules.roles import Effect, effect_of, recipients

PAGE = "messages.md"
_NOW = datetime(2026, 11, 29, 16, tzinfo=UTC)
_START = datetime(2026, 12, 3, 16, tzinfo=UTC)
_LATE = datetime(2026, 12, 3, 21, 30, tzinfo=UTC)
_GRACE = Person(name="Grace Hopper", emails=("grace@example.org",), timezone="America/New_York")
_ADA = Person(name="Ada Lovelace", emails=("ada@example.com",), timezone="Europe/London")

_AGENDA = (Action.NUDGE, Action.PATCH, Action.HOLD, Action.CANCEL, Action.ASK)
_OWN = "custom.friday-evening"
"""A rule from the configuration, which speaks in its own words."""
_BUILTIN = {
    "agenda.missing": "The invite has no agenda.",
    "agenda.placeholder": "The invite holds a placeholder where the agenda belongs.",
    "agenda.stale": "The agenda is dated for an earlier session.",
    "timezone.outside-working-hours": "This is outside Ada Lovelace's day (09:00–17:00): 21:30–22:00 in London.",
    "timezone.non-working-day": "Thu 3 Dec is no working day for Ada Lovelace.",
    "timezone.floating": "The time of this session has no time zone, so nobody can tell when it is.",
    "timezone.unknown-zone": "The time zone of this session is not known, so nobody can tell when it is.",
    "timezone.nonexistent-time": "16:00 does not exist that day, as clocks go forward.",
    "timezone.ambiguous-time": "16:00 comes twice that day, as clocks go back.",
    "timezone.text-mismatch": "The title names another time than the one this session is at.",
    "timezone.dst-shift": "From Thu 11 Mar on, a change of clocks moves this series out of the working hours of you.",
    "ownership.wrong-organizer": "Somebody else sends the invite, and the logistics are not theirs.",
    "ownership.moved-by-non-owner": "Somebody else moved this session; the logistics are not theirs.",
    "ownership.short-notice-move": "This session was moved with less than 24h of notice.",
    "ownership.too-many-moves": "This session was moved 3 times; 2 would be fine.",
    _OWN: "Friday evenings are for my family.",
}
load_builtin()
_SAMPLES = {code: message for rule in registered() for code, message in rule.samples.items()}
_MESSAGES = _BUILTIN | _SAMPLES
_FILE = {
    agenda_file.WAITING: "What grace-ada/2026-12-03.md says is not in the invite yet.",
    agenda_file.CONFLICT: "The agenda in the invite is not the one that grace-ada/2026-12-03.md was put there with: "
    "somebody has changed it.",
}
_MESSAGES |= _FILE
_PATH = "~/agendas/grace-ada/2026-12-03.md"
_LINES = (
    "- the talk in March: is the example too long?",
    "- how to ask for feedback",
    "",
    "One question: whom to ask?",
)
_HARD = ("timezone.outside-working-hours", "timezone.non-working-day")
_FIRST_CALL = ("first-call.missing-introduction",)
_NOWHEN = ("timezone.floating", "timezone.unknown-zone")

_INTRODUCTION = """\
# Messages

Everything agendad has words for, as Ada Lovelace in London would get it from Grace Hopper in New York. `agendad run
--dry-run` shows the texts for your own sessions before anything happens.

To say it your way, set `templates:` in the configuration to a folder and put a file of the same name there, for
example `en/nudge.other.txt.j2`. `agendad templates` lists the names; `agendad templates show nudge.other` prints the
built-in one to start from and what it says, with `--for SESSION` for a session of yours. A folder `de` beside `en`
serves people whose `language` is `de`. The first line of a template is the subject; after an empty line comes the
body. `agendad check` tries every file in the folder.

[messages/en.html](messages/en.html) shows them as they look on a phone; the other languages are beside it.

This page is generated: `python -m agendad.daemon.message_gallery` writes it anew.

## What a template may use

| Name | Meaning |
| --- | --- |
"""
_DRAFTS = """
`prompt.self` and the drafts, which are made from your notes, may use these:

| Name | Meaning |
| --- | --- |
"""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A step in a situation."""

    action: Action
    code: str
    i_organize: bool
    i_own: bool
    undone: Effect | None = None
    """What is as it was before again."""
    by_user: bool = False
    slots: bool = False
    """Whether there are times to propose."""
    shared: bool = False
    """Whether the guests are let change the event."""
    carries: tuple[str, ...] = ()
    """What a nudge speaks of as well."""
    moves: bool = False
    """Whether everybody's free/busy can be seen."""
    file: bool = False
    """Whether the user may write the agenda into a file."""

    @property
    def title(self) -> str:
        role = "I organize" if self.i_organize else "I attend"
        owner = "the logistics are mine" if self.i_own else "the logistics are Ada's"
        if self.undone:
            who = "by the user" if self.by_user else "as it has been settled"
            return f"{self.action} ({self.undone}) taken back {who}: {role}"
        how = ", moved" if self.moves else ", with times" if self.slots else ", opened to guests" if self.shared else ""
        how += "".join(f", with {code}" for code in self.carries)
        how += ", with a file for it" if self.file else ""
        return f"{self.action}, {self.code}{how}: {role}, {owner}"


def scenes() -> Iterator[Scene]:
    """The situations that differ in their words."""
    both = (True, False)
    for action in _AGENDA:
        for i_organize in both:
            for i_own in both:
                yield Scene(action=action, code="agenda.missing", i_organize=i_organize, i_own=i_own)
    for code in _BUILTIN:
        if code not in ("agenda.missing", "ownership.wrong-organizer", *_NOWHEN):
            yield Scene(action=Action.NUDGE, code=code, i_organize=False, i_own=False)
    yield Scene(action=Action.NUDGE, code=_HARD[0], i_organize=True, i_own=True)
    for code in _SAMPLES:
        yield Scene(action=Action.NUDGE, code=code, i_organize=True, i_own=True)
        yield Scene(action=Action.NUDGE, code=code, i_organize=False, i_own=False)
        if code in _FIRST_CALL:
            yield Scene(action=Action.NUDGE, code="agenda.missing", i_organize=True, i_own=True, carries=(code,))
            yield Scene(action=Action.NUDGE, code="agenda.missing", i_organize=False, i_own=False, carries=(code,))
    yield Scene(action=Action.NUDGE, code=_OWN, i_organize=True, i_own=True)
    for action in (Action.HOLD, Action.CANCEL):
        for i_organize in both:
            yield Scene(action=action, code=_OWN, i_organize=i_organize, i_own=False)
    for i_organize in both:
        yield Scene(
            action=Action.RESCHEDULE, code="conflict.double-booked", i_organize=i_organize, i_own=True, slots=True
        )
        yield Scene(action=Action.PATCH, code="timezone.text-mismatch", i_organize=i_organize, i_own=False)
        for code in _HARD:
            yield Scene(action=Action.RESCHEDULE, code=code, i_organize=i_organize, i_own=not i_organize)
        yield Scene(
            action=Action.HANDOVER, code="ownership.wrong-organizer", i_organize=i_organize, i_own=not i_organize
        )
        yield Scene(action=Action.RESCHEDULE, code=_HARD[0], i_organize=i_organize, i_own=not i_organize, slots=True)
    yield Scene(action=Action.RESCHEDULE, code=_HARD[0], i_organize=True, i_own=True, slots=True, moves=True)
    yield Scene(action=Action.HANDOVER, code="ownership.wrong-organizer", i_organize=True, i_own=False, shared=True)
    yield from _taken_back()
    yield from _about_files()
    for code in _NOWHEN:
        yield Scene(action=Action.ASK, code=code, i_organize=True, i_own=True)


def _taken_back() -> Iterator[Scene]:
    for action, mine, theirs in (
        (Action.CANCEL, Effect.CANCEL, Effect.DECLINE),
        (Action.HOLD, Effect.PATCH, Effect.TENTATIVE),
    ):
        for by_user in (True, False):
            for i_organize in (True, False):
                if by_user or action is Action.HOLD:  # nothing but the user takes a cancellation back
                    yield Scene(
                        action=action, code="agenda.missing", i_organize=i_organize, i_own=not i_organize,
                        undone=mine if i_organize else theirs, by_user=by_user,
                    )  # fmt: skip
    yield Scene(action=Action.RESCHEDULE, code=_HARD[0], i_organize=True, i_own=True, undone=Effect.MOVE, by_user=True)


def _about_files() -> Iterator[Scene]:
    for i_organize in (True, False):
        yield Scene(action=Action.NUDGE, code="agenda.missing", i_organize=i_organize, i_own=True, file=True)
        yield Scene(action=Action.PATCH, code=agenda_file.WAITING, i_organize=i_organize, i_own=True)
        yield Scene(action=Action.ASK, code=agenda_file.WAITING, i_organize=i_organize, i_own=True)
    yield Scene(action=Action.ASK, code=agenda_file.CONFLICT, i_organize=True, i_own=True)


def every_scene() -> Iterator[Scene | DraftScene]:
    """Those of steps, then those from the user's notes."""
    yield from scenes()
    yield from draft_scenes()


def word(scene: Scene | DraftScene, overrides: BaseLoader | None = None, language: str = "en") -> Message:
    """The message of a scene between people of a language, with templates that replace the built-in ones."""
    if isinstance(scene, DraftScene):
        grace, ada = (person.model_copy(update={"language": language}) for person in (_GRACE, _ADA))
        return word_draft(scene, grace, ada, overrides)
    session, policy = _session(scene, language)
    first, *rest = _ladder(session, scene)
    if scene.undone:
        return compose_restored(session, first, undone=scene.undone, by_user=scene.by_user, overrides=overrides)
    slots = _SLOTS if scene.slots else ()
    return compose(
        session,
        first,
        policy,
        _NOW,
        plan=(first, *rest),
        slots=slots,
        shared=scene.shared,
        file=_PATH if scene.file else "",
        overrides=overrides,
    )


def template(scene: Scene | DraftScene) -> str:
    """The name of the template that words a scene, without its language."""
    if isinstance(scene, DraftScene):
        return scene.template
    session, _ = _session(scene, "en")
    return template_of(session, None if scene.undone else next(_ladder(session, scene)))


def samples(
    name: str, language: str, overrides: BaseLoader | None = None
) -> Iterator[tuple[Scene | DraftScene, Message]]:
    """What a template says in the scenes that it is for, each text once.

    Raises:
        MessageTemplateError: it does not work.
    """
    shown = set()
    for scene in every_scene():
        if template(scene) == name and (message := word(scene, overrides, language)) not in shown:
            shown.add(message)
            yield scene, message


def page(language: str = "en") -> str:
    """The whole gallery of a language as Markdown."""
    table = _table(VARIABLES) + _DRAFTS + _table(DRAFT_VARIABLES)
    shown = [
        f"## {title}\n\n```text\n[{message.channel}] {message.subject}\n\n{message.body}\n```\n"
        for title, message in _shown(language)
    ]
    head = f"{_INTRODUCTION}{table}" if language == "en" else f"# Messages: {language}\n"
    return f"{head}\n" + "\n".join(shown)


def _table(variables: Mapping[str, str]) -> str:
    return "".join(f"| `{name}` | {meaning} |\n" for name, meaning in variables.items())


def _shown(language: str) -> list[tuple[str, Message]]:
    """Every message in the first situation in which it is said."""
    shown: dict[tuple[str, str], tuple[str, Message]] = {}
    for scene in every_scene():
        message = word(scene, language=language)
        shown.setdefault((message.subject, message.body), (scene.title, message))
    return list(shown.values())


def _session(scene: Scene, language: str) -> tuple[Session, Policy]:
    grace, ada = (person.model_copy(update={"language": language}) for person in (_GRACE, _ADA))
    owner = Party.MENTEE if scene.i_own else Party.MENTOR
    if not scene.i_own:
        pair = Mentorship(name="pair", mentor=grace, mentee=ada, my_role=Party.MENTOR, owner=owner.other)
    else:
        pair = Mentorship(name="pair", mentor=ada, mentee=grace, my_role=Party.MENTEE, owner=owner)
    ada = _without_thursdays(ada) if scene.code == "timezone.non-working-day" else ada
    pair = replace(pair, mentor=ada) if scene.i_own else replace(pair, mentee=ada)
    start = _time(scene, _LATE if scene.code == _HARD[0] else _START)
    organizer, guest = (grace, ada) if scene.i_organize else (ada, grace)
    event = Event(
        account="home",
        calendar=".",
        id="1",
        uid="1@example.org",
        title="Mentoring: Ada and Grace",
        instance=Instance.OCCURRENCE,
        organizer=Organizer(email=organizer.emails[0]),
        attendees=(Attendee(email=guest.emails[0], partstat=Partstat.ACCEPTED),),
        start=start,
        end=replace(
            start,
            wall=start.wall + timedelta(minutes=30),
            instant=start.instant and start.instant + timedelta(minutes=30),
        ),
    )
    detection = Detection(is_mentorship=True, mentorship=pair, my_role=pair.my_role, on_topic=True)
    session = Session(event=event, detection=detection, me=grace)
    return session, Policy(me=grace, mentorships=(pair,), rules=default_options())


def _without_thursdays(person: Person) -> Person:
    """The same person with Thursdays off."""
    days = tuple(day for day in person.working_hours.days if day != "thu")
    return person.model_copy(update={"working_hours": person.working_hours.model_copy(update={"days": days})})


def _time(scene: Scene, instant: datetime) -> EventTime:
    if scene.code == "timezone.floating":
        return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.FLOATING)
    if scene.code == "timezone.unknown-zone":
        return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UNKNOWN, tzid="Atlantis/Capital")
    zone = "America/New_York"
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return EventTime(wall=wall, kind=ZoneKind.IANA, instant=instant, zone=zone)


def _ladder(session: Session, scene: Scene) -> Iterator[Step]:
    """The scene's step and what the default ladder has after it."""
    yield _step(session, scene, scene.action, _NOW)
    options = default_options().get(rule_of(scene.code), RuleOptions())
    climbs = scene.code in options.climbs and (scene.i_own or scene.code != "conflict.double-booked")
    rungs = list(options.ladder) if climbs else []
    passed = next((place + 1 for place, rung in enumerate(rungs) if rung.do is scene.action), 0)
    for rung in rungs[passed:]:
        if scene.action in (Action.NUDGE, Action.HOLD):
            sends = next_open(_START - rung.before, (_GRACE, _ADA))
            yield _step(session, scene, rung.do, sends)


def _step(session: Session, scene: Scene, action: Action, sends: datetime) -> Step:
    effect = effect_of(session, action, free_busy=scene.moves)
    pair = session.mentorship
    if pair is None:
        raise ValueError("every scene has a declared pair")
    asks = action is Action.ASK
    no_time = session.event.start.instant is None
    return Step(
        rule=rule_of(scene.code),
        reason=scene.code,
        message=_MESSAGES[scene.code],
        action=action,
        rung=_asked_about(scene) if asks else action,
        effect=effect,
        due=sends,
        sends=sends,
        to=recipients(session, pair, action, effect),
        outward=not asks,
        why_ask=_WHY_FILE[scene.code] if asks and scene.code in _FILE else _WHY[no_time] if asks else "",
        carries=scene.carries,
        people=(session.me.name,) if scene.code.startswith("conflict.") else (),
        lines=_LINES if scene.code in _FILE else (),
    )


def _asked_about(scene: Scene) -> Action:
    if scene.code in _FILE:
        return Action.PATCH
    return Action.NUDGE if scene.code in _NOWHEN else Action.CANCEL


_SLOTS = tuple((_START + timedelta(days=days), _START + timedelta(days=days, minutes=30)) for days in (-1, 1, 4))
_WHY_FILE = {
    agenda_file.WAITING: "it would come less than 12h before the start",
    agenda_file.CONFLICT: "yours would take the place of theirs",
}
_WHY = {
    True: "nobody can tell when it takes place",
    False: "it would be the first meeting with Ada Lovelace, and first meetings are never cancelled unasked",
}


def pages() -> dict[str, str]:
    """Every page, by its path below the documentation's folder: English, and each language that has templates."""
    languages = sorted({name.partition("/")[0] for name in template_names()}, key=lambda code: (code != "en", code))
    texts = {PAGE if language == "en" else f"messages/{language}.md": page(language) for language in languages}
    return texts | {
        f"messages/{language}.html": picture_page(
            language, [picture(title, message) for title, message in _shown(language)], languages
        )
        for language in languages
    }


def main(folder: Path) -> None:
    """Write the pages into `folder`."""
    for path, text in pages().items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))
