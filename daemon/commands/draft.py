"""`agendad draft thanks|letter|first-call MENTORSHIP`: a text to begin with, from the notes. Nothing is sent."""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from agendad.daemon.config_errors import did_you_mean
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.session_store import SessionStore
from agendad.daemon.terminal import wrapped
from agendad.daemon.wording import check_templates
from agendad.rules.drafts import Draft, draft, first_known
from agendad.rules.hours import say_day
from agendad.rules.messages import Message
from agendad.rules.policy import Party
from agendad.rules.relationship import Meeting, Relationship, relationships

SCHEMA = "agendad.draft/1"


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    check_templates(context.loaded.config.templates)
    what, name = Draft(args.what), _named(args.mentorship, context)
    pair = _relationship(name, context, context.clock.now())
    file = str(context.notebook.path(name)) if context.notebook else ""
    message = draft(what, pair, file=Path(file).name, language=args.language or "", overrides=context.templates)
    text = f"{message.subject}\n\n{message.body}\n"
    if args.out:
        _write(Path(args.out), text)
    hints = list(_hints(what, pair, context, file))
    if args.json:
        print(json_text(_shape(what, name, message, args.out, hints)))
        return 0
    if not args.out:
        print(text, end="")
    for hint in hints:
        print("\n".join(wrapped(hint, "note: ")), file=sys.stderr)
    return 0


def _named(wanted: str, context: Context) -> str:
    """The name of the mentorship that is meant; its case does not count.

    Raises:
        UsageProblem: there is none.
    """
    names = [pair.name for pair in context.policy.mentorships]
    if wanted in names:
        return wanted
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    if len(alike) == 1:
        return alike[0]
    if not names:
        raise UsageProblem("No mentorship is declared, so there is nothing to draft. Add one to `mentorships`.")
    raise UsageProblem(f"There is no mentorship {wanted!r}, so nothing was drafted; {did_you_mean(wanted, names)}")


def _relationship(name: str, context: Context, now: datetime) -> Relationship:
    """The pair as far as it is known: without a pass to look back on, from the notes alone."""
    meetings: dict[str, list[Meeting]] = {}
    try:
        with after_a_pass(context) as store:
            meetings = SessionStore(store).meetings(now)
    except UsageProblem:
        pass
    return relationships(context.policy.mentorships, meetings, now, context.noted())[name]


def _write(path: Path, text: str) -> None:
    """Write a new file.

    Raises:
        UsageProblem: there is one already, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageProblem(f"{path} is there already. Nothing was written. Name another file with --out.") from None
    except OSError as error:
        raise UsageProblem(
            f"{path} cannot be written: {error.strerror}. Nothing was written. Name another file with --out."
        ) from None


def _hints(what: Draft, pair: Relationship, context: Context, file: str) -> Iterator[str]:
    """What to know about the draft."""
    yield "a draft: nothing was sent, and no calendar was changed. Places to fill in are in brackets."
    if context.notebook:
        yield from map(str, context.notebook.problems(context.today))
    if what is not Draft.FIRST_CALL and (pair.notes is None or not pair.notes.kept):
        where = f"Write into {file}" if file else "Name a folder for your notes in `notes:` and write there"
        yield f"there are no notes to draw on. {where} what was advised, what came of it and what helped."
    if what is Draft.LETTER and (since := first_known(pair)) is not None:
        yield f"the first session that I know of was on {say_day(since)} {since.year}; correct it if you began before."
    if what is Draft.THANKS and pair.mentorship.my_role is Party.MENTEE and file:
        yield f"once it is sent, a line `Thanked: {context.today.isoformat()}` in {file} tells me."
    if what is Draft.FIRST_CALL:
        yield "send it before the call, or paste it into the invite."


def _shape(what: Draft, name: str, message: Message, out: str | None, hints: list[str]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "draft": what.value,
        "mentorship": name,
        "language": message.language,
        "subject": message.subject,
        "body": message.body,
        "file": out,
        "notes": hints,
    }
