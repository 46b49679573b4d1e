"""What would be said: from a line of the journal, or a step that remains, to its text."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.message_gallery import scenes, word
from agendad.daemon.session_store import ActionRow, SessionStore
from agendad.daemon.store import Store, unstamp
from agendad.providers.model import Event
from agendad.rules.base import Session
from agendad.rules.detect import detect
from agendad.rules.limits import State
from agendad.rules.messages import Message, MessageTemplateError, compose
from agendad.rules.plan import Step
from agendad.rules.policy import Action
from agendad.rules.roles import Effect


class Wording:
    """Words steps with the user's templates, from what is remembered."""

    def __init__(self, context: Context, store: Store) -> None:
        self.policy = context.policy
        self.calendars, self.sessions = CalendarStore(store), SessionStore(store)
        folder = context.loaded.config.templates
        self.overrides = FileSystemLoader(folder) if folder else None

    def of_action(self, action: ActionRow) -> Message | None:
        """The text of a decision as of when it was made; None if its event is no declared pair's session any more.

        Raises:
            UsageProblem: a template is broken.
        """
        event = self._event(action)
        if event is None:
            return None
        return self.of_step(event, _step(action), tuple(self._after(action)), action.decided_at)

    def shown(self, action: ActionRow) -> str:
        """The text of a decision, or what is wrong with its template; "" where there is none."""
        try:
            message = self.of_action(action)
        except UsageProblem as error:
            return f"(cannot be shown: {error})"
        return message.body if message else ""

    def of_step(self, event: Event, step: Step, plan: tuple[Step, ...], now: datetime) -> Message | None:
        """The text of a step at `now` (aware UTC), with what follows it in `plan`."""
        detection = detect(event, self.policy)
        if detection.mentorship is None:
            return None
        session = Session(event=event, detection=detection, me=self.policy.me)
        try:
            return compose(session, step, self.policy, now, plan=plan, overrides=self.overrides)
        except MessageTemplateError as error:
            raise UsageProblem(str(error)) from error

    def _event(self, action: ActionRow) -> Event | None:
        copies = [event for event in self.calendars.copies(action.key[0]) if event.key == action.key]
        return next((event for event in copies if event.account == action.account), None)

    def _after(self, action: ActionRow) -> Iterator[Step]:
        """What was decided later on the same ladder, and what remains of it."""
        for later in self.sessions.actions_of(action.key[0]):
            same = (later.key, later.rule, later.observed) == (action.key, action.rule, action.observed)
            if same and later.state != State.SKIPPED and later.decided_at > action.decided_at:
                yield _step(later)
        row = self.sessions.session(action.key)
        for remaining in row.verdict["plan"] if row else ():
            yield _planned(remaining)


def check_templates(folder: Path | None) -> None:
    """Try the user's templates on every message of the gallery.

    Raises:
        UsageProblem: the folder is not there, or one of them does not work.
    """
    if folder is None:
        return
    if not folder.is_dir():
        raise UsageProblem(
            f"templates: {folder} is no folder. Nothing was done. Make it, or leave `templates` out of the "
            "configuration to use the built-in texts."
        )
    overrides = FileSystemLoader(folder)
    try:
        for scene in scenes():
            word(scene, overrides)
    except MessageTemplateError as error:
        raise UsageProblem(f"{error} Nothing was done.") from error


def _step(action: ActionRow) -> Step:
    effect = Effect(action.effect)
    return Step(
        rule=action.rule,
        reason=action.reason,
        message=action.message,
        action=Action(action.action),
        rung=Action(action.rung),
        effect=effect,
        due=action.due,
        sends=action.decided_at,
        to=action.to,
        outward=effect is not Effect.ASK,
        why_ask=action.detail if effect is Effect.ASK and action.state != State.SKIPPED else "",
    )


def _planned(shape: Mapping[str, Any]) -> Step:  # JSON
    """A step that remains, as `agendad.daemon.reporting.step_json` wrote it down."""
    action, effect = Action(shape["action"]), Effect(shape["effect"])
    return Step(
        rule=shape["reason"].partition(".")[0],
        reason=shape["reason"],
        message="",
        action=action,
        rung=action,
        effect=effect,
        due=unstamp(shape["due"]),
        sends=unstamp(shape["sends"]),
        to=tuple(shape["to"]),
        outward=effect is not Effect.ASK,
    )
