"""After a session: asking the user what was advised, in the notes or by mail; and what of it is due, in the summary.

Nothing here reaches anybody but the user.
"""

import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from agendad.daemon import mailing
from agendad.daemon.context import Context
from agendad.daemon.notebook import NotesTrouble
from agendad.daemon.pauses import Pauses
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.summary import NeedsYouLine
from agendad.daemon.user_mail import Then, user_mail
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent
from agendad.rules.base import Finding
from agendad.rules.drafts import prompt_mail
from agendad.rules.engine import judge_pair
from agendad.rules.followup import FollowupOptions, day_of
from agendad.rules.hours import say_day
from agendad.rules.messages import MessageTemplateError
from agendad.rules.notes import beginning, section
from agendad.rules.policy import Mode
from agendad.rules.quiet import next_open
from agendad.rules.relationship import Meeting, Relationship, relationships
from agendad.rules.saying import called

_RECENT = timedelta(days=3)
"""A session that is longer past is not asked about any more."""
_AGAIN = timedelta(days=7)
_ASKED, _TOLD, _TROUBLE = "prompted ", "told ", "notes_trouble"
FOLLOWUP, GRATITUDE = "followup.due", "gratitude.due"


def prompt(context: Context, store: Store, now: datetime) -> None:
    """Ask about each session that was held lately, once, at `now` (aware UTC).

    What cannot be done now, as the file is in the way or it is night, is tried again in the next passes.
    """
    trouble = []
    for pair, meeting in list(_to_ask_about(context, store, now)):
        if not _observed(context, pair):
            try:
                _ask(context, store, pair, meeting, now)
            except (NotesTrouble, MailNotSent, MessageTemplateError) as error:
                trouble.append(str(error))
    if trouble or store.remembered(_TROUBLE):
        store.remember(_TROUBLE, " ".join(trouble))


def told_in_notes(context: Context, store: Store, now: datetime) -> Iterator[str]:
    """What the summary tells of asking: what observe mode leaves, and what did not work."""
    for pair, meeting in _to_ask_about(context, store, now):
        if _observed(context, pair):
            how = (
                f"I would add a section for it to {context.notebook.path(pair.mentorship.name)}"
                if context.notebook and _options(context).prompt == "file"
                else "I would mail you, to note what was advised"
            )
            yield f"{_met(pair, meeting)}. Outside observe mode {how}."
    if trouble := store.remembered(_TROUBLE):
        yield trouble


def due(context: Context, store: Store, now: datetime) -> Iterator[NeedsYouLine]:
    """What is due of the user's, each once a week."""
    for pair, finding in _findings(context, store, now):
        name, other = pair.mentorship.name, called(pair.mentorship.other.name)
        file = context.notebook.path(name) if context.notebook else ""
        quoted = finding.evidence if mailing.readers(context) == context.policy.me.emails[:1] else ""
        why = f"{finding.message} ({quoted})" if quoted else finding.message
        if finding.code == GRATITUDE:
            how = f"agendad draft thanks {shlex.quote(name)}"
            yield NeedsYouLine(what=f"A word of thanks to {other}?", why=why, how=how)
        else:
            yield NeedsYouLine(what=f"What came of it, with {other}?", why=why, how=f"a line in {file}")


def once_told(context: Context, store: Store, now: datetime) -> dict[str, str]:
    """What is to be remembered once a summary with what is due has gone out."""
    return {_told_key(pair, finding): stamp(now) for pair, finding in _findings(context, store, now)}


def _findings(context: Context, store: Store, now: datetime) -> Iterator[tuple[Relationship, Finding]]:
    """What is due and was not told of in the last week."""
    for pair in _pairs(context, store, now).values():
        for finding in judge_pair(pair, context.policy, now):
            if finding.code in (FOLLOWUP, GRATITUDE):
                told = store.remembered(_told_key(pair, finding))
                if told is None or now - unstamp(told) >= _AGAIN:
                    yield pair, finding


def _told_key(pair: Relationship, finding: Finding) -> str:
    return f"{_TOLD}{finding.code} {pair.mentorship.name}"


def _pairs(context: Context, store: Store, now: datetime) -> dict[str, Relationship]:
    return relationships(context.policy.mentorships, SessionStore(store).meetings(now), now, context.noted())


def _options(context: Context) -> FollowupOptions:
    options = context.policy.rules.get("followup")
    return options if isinstance(options, FollowupOptions) else FollowupOptions(enabled=False)


def _to_ask_about(context: Context, store: Store, now: datetime) -> Iterator[tuple[Relationship, Meeting]]:
    """Sessions that were held lately and not asked about, but for what is paused."""
    options, pauses = _options(context), Pauses(store)
    if not options.enabled or options.prompt == "none" or (options.prompt == "file" and context.notebook is None):
        return
    for pair in _pairs(context, store, now).values():
        for meeting in pair.held:
            if not timedelta() <= now - meeting.end <= _RECENT or store.remembered(_key(meeting)):
                continue
            if pauses.covering(meeting.key, pair.mentorship, now) is None:
                yield pair, meeting


def _key(meeting: Meeting) -> str:
    return f"{_ASKED}{meeting.uid} {meeting.recurrence_id}"


def _observed(context: Context, pair: Relationship) -> bool:
    return context.policy.mode_for(pair.mentorship, "followup") is Mode.OBSERVE


def _met(pair: Relationship, meeting: Meeting) -> str:
    return f"You met {called(pair.mentorship.other.name)} on {say_day(day_of(meeting, pair))}"


def _ask(context: Context, store: Store, pair: Relationship, meeting: Meeting, now: datetime) -> None:
    """Ask once.

    Raises:
        NotesTrouble, MailNotSent, MessageTemplateError: it could not be done.
    """
    if _options(context).prompt == "mail":
        _mail(context, store, pair, meeting, now)
    elif context.notebook is not None:
        me, one, day = context.policy.me, pair.mentorship, day_of(meeting, pair)
        text, head = section(day, me.language, one.my_role), beginning(one.name, me.language)
        context.notebook.add(one.name, day, text, head)  # were it broken off here, the section would be found
        store.remember(_key(meeting), stamp(now))


def _mail(context: Context, store: Store, pair: Relationship, meeting: Meeting, now: datetime) -> None:
    policy = context.policy
    if policy.limits.quiet_hours != "none" and next_open(now, [policy.me]) > now:
        return
    if context.loaded.config.mail is None:
        raise MailNotSent(
            "There is no `mail:` in the configuration.",
            not_done=f"{_met(pair, meeting)}, and you were not asked about it.",
            next_step="Add `mail:`, or set `prompt` of the rule `followup` to file.",
        )
    file = context.notebook.path(pair.mentorship.name).name if context.notebook else ""
    said = prompt_mail(pair, meeting, file=file, overrides=context.templates)
    mail = mailing.to_the_user(context, said.subject, said.body, kind="prompt", key=_key(meeting), now=now)
    fact = {_key(meeting): stamp(now)}
    then = Then(sent=fact, doubt=fact, what=f"the question after the session with {pair.mentorship.other.name}")
    with suppress(MailInDoubt, MailPartlySent):
        user_mail(context, store).send(_key(meeting), mail, then, now)
