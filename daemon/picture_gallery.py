"""Every message as it is read, on a page for each language; `agendad.daemon.message_gallery` writes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined

from agendad.daemon.letter_html import blocks, letter_html
from agendad.daemon.summary import (
    AccountLine,
    ActionLine,
    ComingLine,
    FindingLine,
    MentorshipLine,
    NeedsYouLine,
    SessionLine,
    SkippedLine,
    Summary,
    as_html,
)
from agendad.rules.limits import State
from agendad.rules.messages import Message
from agendad.rules.policy import Mode, Party, Severity

_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
_NOW = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
_START = datetime(2026, 12, 3, 16, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A message in a situation."""

    title: str
    channel: str
    subject: str
    body: str
    letter: str = ""
    """The letter's HTML, where it is one."""


def picture(title: str, message: Message) -> Picture:
    """A message as its reader sees it."""
    whole = letter_html(message.subject, message.body, message.language) if message.channel == "mail" else ""
    found = _BODY.search(whole)
    flowing = "\n".join(
        ("\n" if block.opens and number else "") + (block.text or "\n".join(f"– {item}" for item in block.items))
        for number, block in enumerate(blocks(message.body))
    )
    return Picture(
        title=title, channel=message.channel, subject=message.subject, body=flowing, letter=found[1] if found else ""
    )


def picture_page(language: str, pictures: Sequence[Picture], languages: Sequence[str]) -> str:
    """A page that stands alone: no image, no script, nothing from elsewhere."""
    environment = Environment(
        loader=PackageLoader("agendad.daemon", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    summary = as_html(sample_summary()) if language == languages[0] else ""
    page = environment.get_template("pictures.html.j2").render(
        language=language, pictures=pictures, languages=languages, summary=summary
    )
    return f"{page}\n"


def sample_summary() -> Summary:
    """One with something in each of its parts."""
    cancel = ComingLine(
        title="Mentoring: Ada and Grace", start=_START, action="cancel", effect="cancel",
        at=_START - timedelta(hours=36), message="The invite has no agenda.", reason="agenda.missing",
        keep="Write a line or two into the invite, or say that no agenda is needed.", pause="agendad pause grace-ada",
        other="Ada Lovelace", other_zone="Europe/London", my_zone="America/New_York",
    )  # fmt: skip
    nudge = ActionLine(
        id="4f2a91c0", action="nudge", effect="mail", title="Mentoring: Ada and Grace", start=_START,
        to=("Ada Lovelace",), reason="agenda.missing", message="The invite has no agenda.",
        at=_NOW - timedelta(hours=6), state=State.CONFIRMED, text="Hi Ada,\n\ncould you reply with a line or two?",
        other="Ada Lovelace", other_zone="Europe/London", my_zone="America/New_York",
    )  # fmt: skip
    hold = ActionLine(
        id="b81d03e7", action="hold", effect="patch", title="Mentoring: Linus", start=_START + timedelta(days=1),
        to=("Linus Torvalds",), reason="agenda.placeholder", message="The agenda is a placeholder: “TBD”.",
        at=_NOW - timedelta(hours=5), state=State.CONFIRMED, undo="agendad undo b81d03e7",
    )  # fmt: skip
    session = SessionLine(
        title="Mentoring: Ada and Grace", mentorship="grace-ada", my_role=Party.MENTEE, start=_START,
        end=_START + timedelta(minutes=30), state="none yet", next_step="cancel (agenda.missing)",
        next_step_at=_START - timedelta(hours=36),
        findings=(FindingLine(code="agenda.missing", severity=Severity.ERROR, message="The invite has no agenda."),),
        other="Ada Lovelace", other_zone="Europe/London", my_zone="America/New_York",
    )  # fmt: skip
    ready = SessionLine(
        title="1:1 Katherine / Grace", other="Katherine Johnson", mentorship="katherine", my_role=Party.MENTOR,
        start=_START + timedelta(days=5), end=_START + timedelta(days=5, minutes=45), state="ready",
        my_zone="America/New_York", other_zone="America/Chicago",
    )  # fmt: skip
    pair = MentorshipLine(
        name="grace-ada", other="Ada Lovelace", my_role=Party.MENTEE, i_own=True, last=_START - timedelta(days=14),
        next=_START, held=6, cadence=timedelta(days=14), rhythm="kept", agenda="none yet", open_advice=1,
        asked=timedelta(hours=2, minutes=30), asked_in=5,
    )  # fmt: skip
    lapsed = MentorshipLine(
        name="katherine", other="Katherine Johnson", my_role=Party.MENTOR, i_own=False,
        last=_START - timedelta(days=40), next=_START + timedelta(days=5), held=3, cadence=timedelta(days=14),
        rhythm="lapsed", agenda="ready", asked=timedelta(minutes=45), asked_in=1,
        findings=(
            FindingLine(
                code="cadence.lapsed", severity=Severity.WARNING,
                message="The last session was 5 weeks ago; you two meant to meet every 2 weeks.",
            ),
        ),
    )  # fmt: skip
    return Summary(
        name="Grace Hopper",
        zone="America/New_York",
        generated_at=_NOW,
        since=_NOW - timedelta(days=1),
        mode=Mode.ACT,
        coming=(cancel,),
        needs_you=(
            NeedsYouLine(
                what="Declare this pair?",
                why="“Coffee and careers” with margaret@example.org looks like a mentorship session. Until the pair "
                "is in your configuration it is only watched.",
                how='mentorships:\n  - name: "me-margaret"\n    mentor: {name: "Margaret", '
                'emails: ["margaret@example.org"]}\n    mentee: me',
            ),
        ),
        done=(nudge, hold),
        skipped=(
            SkippedLine(
                what="nudge", why="you paused it until 4 January: a walk instead", title="Mentoring: Dorothy",
                start=_START + timedelta(days=2), my_zone="America/New_York",
            ),
        ),
        mentorships=(pair, lapsed),
        sessions=(session, ready),
        accounts=(
            AccountLine(name="work", ok=True, events=212),
            AccountLine(
                name="home", ok=False, error="The sign-in of account home has ended. Nothing of it was read.",
                next_step="Run: agendad login home",
            ),
        ),
    )  # fmt: skip
