"""What the user says to a question: yes, which is looked at once more before anything is done, or no, which stays."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from agendad.daemon.calendar_store import digest
from agendad.daemon.journal import ActionRow, Journal, Meant, said_json
from agendad.daemon.judging import Judged
from agendad.daemon.reporting import planned_step
from agendad.daemon.session_store import SessionRow, SessionStore
from agendad.daemon.store import to_json
from agendad.daemon.wording import Wording
from agendad.rules import agenda_file
from agendad.rules.limits import State
from agendad.rules.messages import Message, MessageTemplateError
from agendad.rules.plan import Step
from agendad.rules.roles import Effect, effect_of, recipients

OWN_WORDS = "the words are your own, from before: see whether they still fit"
_SETTLED = "it has been settled meanwhile, or the event is no session any more"
_BEGAN = "nobody answered before it began"
_OPTED_OUT = "it opts out of agendad"
_REWRITTEN = "the file was changed since; what it says now is asked anew"
_SUPERSEDED = "the event was changed since; what is still due is asked anew"


def approve(journal: Journal, action: ActionRow, now: datetime) -> ActionRow:
    """The user's yes, inside a transaction. What follows is for `review`, and then for the executor."""
    return journal.advance(action, State.APPROVED, now, action.detail)


def reject(journal: Journal, action: ActionRow, now: datetime) -> ActionRow:
    """The user's no, inside a transaction: it is not asked again unless people change the event."""
    return journal.advance(action, State.REJECTED, now, "you said no")


def expire(journal: Journal, sessions: SessionStore, now: datetime) -> None:
    """Close questions that nobody needs to answer any more, inside a transaction."""
    for action in journal.in_state(State.PENDING):
        row = sessions.to_come(action.key, now)
        if row is not None and row.start <= now:
            journal.advance(action, State.SKIPPED, now, _BEGAN)
        elif row is None or not _still_found(action, row):
            journal.advance(action, State.SKIPPED, now, _SETTLED)
        elif why := row.verdict.get("opted_out"):  # verdicts of before do not have it
            journal.advance(action, State.SKIPPED, now, f"{_OPTED_OUT}: {why}")
        elif action.decided_at < row.ladder_since:
            journal.advance(action, State.SKIPPED, now, _SUPERSEDED)


def review(journal: Journal, judged: Iterable[Judged], wording: Wording, now: datetime) -> None:
    """Hold every yes against the event as it is now, inside a transaction.

    What would go out must be what the user saw: where the event, the text or the recipients are others by now,
    it is asked again. The user's own words stay what would go out.
    """
    by_key = {one.row.key: one for one in judged}
    for action in journal.in_state(State.APPROVED):
        one = by_key.get(action.key)
        if one is None or not _still_found(action, one.row):
            journal.advance(action, State.SKIPPED, now, _SETTLED)
        elif why := one.verdict.detection.opted_out:
            journal.advance(action, State.SKIPPED, now, f"{_OPTED_OUT}: {why}")
        elif action.meant is None:
            journal.advance(action, State.CONFIRMED, now, "answered; there is nothing for agendad to do")
        elif action.from_file and not _says_the_same(action, one):
            journal.advance(action, State.SKIPPED, now, _REWRITTEN)
        else:
            try:
                _hold_against(journal, action, action.meant, one, wording=wording, now=now)
            except MessageTemplateError as error:
                journal.advance(action, State.PENDING, now, f"approved, but {error}")


def _hold_against(
    journal: Journal, action: ActionRow, meant: Meant, one: Judged, *, wording: Wording, now: datetime
) -> None:
    current, drafted = _as_of_now(action, meant, one, wording)
    said = in_own_words(drafted, action.said) if action.edited else drafted
    seen = digest(one.verdict.event)
    columns: dict[str, Any] = {"seen": seen, "said": said_json(said)}
    if action.edited:
        columns["drafted"] = said_json(drafted or action.drafted)
    if seen == action.seen and current == meant and said == action.said:
        columns |= {
            "action": meant.action, "effect": meant.effect, "recipients": to_json(meant.to), "outward": meant.outward,
        }  # fmt: skip
        journal.advance(action, State.APPROVED, now, action.detail, **columns)
        return
    what = "the event" if seen != action.seen else "the recipients" if current != meant else "the text"
    columns["meant"] = to_json([current.action, current.effect, current.to, current.outward])
    if action.effect != Effect.ASK:
        columns |= {"effect": current.effect, "recipients": to_json(current.to)}
    kept = f"; {OWN_WORDS}" if action.edited else ""
    journal.advance(action, State.PENDING, now, f"asked again: {what} changed after you were asked{kept}", **columns)


def in_own_words(drafted: Message | None, own: Message | None) -> Message | None:
    """The user's words, in the way in which they would go out now."""
    if drafted is None or own is None:
        return own
    return replace(drafted, subject=own.subject, body=own.body)


def _as_of_now(action: ActionRow, meant: Meant, one: Judged, wording: Wording) -> tuple[Meant, Message | None]:
    session = one.verdict.session
    if session is None or session.mentorship is None:
        return meant, None
    effect, to = meant.effect, meant.to
    if effect is not Effect.RESTORE:
        effect = effect_of(session, meant.action, free_busy=meant.effect is Effect.MOVE)
        to = recipients(session, session.mentorship, meant.action, effect)
        to = to if meant.to or not action.from_file else ()
    current = Meant(action=meant.action, effect=effect, to=to, outward=meant.outward)
    step = _step(action, current)
    after = tuple(planned_step(shape) for shape in action.plan)
    return current, wording.of_step(session.event, step, after, action.decided_at, slots=action.slots)


def _says_the_same(action: ActionRow, one: Judged) -> bool:
    """Whether the user's file still says what they said yes to."""
    known, said = one.history.file, action.said
    return (
        known is not None and said is not None and agenda_file.same_words(known.lines, agenda_file.inside(said.block))
    )


def _step(action: ActionRow, meant: Meant) -> Step:
    said = action.said
    return Step(
        rule=action.rule, reason=action.reason, message=action.message, action=meant.action, rung=meant.action,
        effect=meant.effect, due=action.due, sends=action.decided_at, to=meant.to, outward=meant.outward,
        lines=agenda_file.inside(said.block) if said and action.from_file else (),
    )  # fmt: skip


def _still_found(action: ActionRow, row: SessionRow) -> bool:
    releases = action.meant is not None and action.meant.effect is Effect.RESTORE
    return releases or action.reason in {finding["code"] for finding in row.verdict["findings"]}
