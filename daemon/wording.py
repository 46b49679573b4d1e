"""What would be said: from a step, or a line of the journal, to its text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import BaseLoader

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.journal import ActionRow
from agendad.daemon.store import Store
from agendad.daemon.template_folder import faults
from agendad.providers.model import Event
from agendad.rules import agenda_file
from agendad.rules.base import Session
from agendad.rules.detect import detect
from agendad.rules.messages import Message, MessageTemplateError, compose, compose_restored
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Policy
from agendad.rules.relationship import Notes
from agendad.rules.roles import Effect

Slots = Sequence[tuple[datetime, datetime]]


class Wording:
    """Words steps with the user's templates, from what is remembered."""

    def __init__(
        self,
        policy: Policy,
        templates: BaseLoader | None,
        store: Store,
        *,
        shares: Callable[[Event, Action, Effect], bool] = lambda _event, _rung, _effect: False,
        notes: Callable[[], Mapping[str, Notes]] = dict,
        file_of: Callable[[Event], str] = lambda _event: "",
    ) -> None:
        """Put words on steps.

        `shares` tells whether a step also lets the guests change the event; `notes` as for `Judging`; `file_of` names
        the file that its agenda may be written to, "" without one.
        """
        self.policy, self.shares, self.notes, self.file_of = policy, shares, notes, file_of
        self.calendars = CalendarStore(store)
        self.overrides = templates

    def of_step(
        self, event: Event, step: Step, plan: tuple[Step, ...], now: datetime, *, slots: Slots = ()
    ) -> Message | None:
        """The text of a step at `now` (aware UTC), with what follows it in `plan`; None without a declared pair.

        `slots` are the times to propose (aware UTC).

        Raises:
            MessageTemplateError: a template is broken.
        """
        session = self._session(event)
        if session is None:
            return None
        if step.effect is Effect.RESTORE:
            undone = Effect.PATCH if session.i_organize else Effect.TENTATIVE
            return compose_restored(session, step, undone=undone, by_user=False, overrides=self.overrides)
        shared = self.shares(event, step.rung, step.effect)
        notes = self.notes().get(session.mentorship.name) if session.mentorship else None
        reminds = step.action is Action.NUDGE and step.rule == "agenda"
        return compose(
            session,
            step,
            self.policy,
            now,
            plan=plan,
            slots=slots,
            shared=shared,
            notes=notes,
            file=self.file_of(event) if reminds else "",
            overrides=self.overrides,
        )

    def of_undoing(self, event: Event, action: ActionRow) -> Message | None:
        """What the others hear when the user takes an action back; `event` as it stands after that.

        Raises:
            MessageTemplateError: a template is broken.
        """
        session = self._session(event)
        if session is None:
            return None
        undone = Effect(action.effect)
        return compose_restored(session, _question(action), undone=undone, by_user=True, overrides=self.overrides)

    def of_action(self, action: ActionRow) -> Message | None:
        """The text of a decision; for a question the question. None if its event is no declared pair's any more.

        Raises:
            MessageTemplateError: a template is broken.
        """
        if action.effect != Effect.ASK:
            return action.said
        event = self.calendars.copy(action.account, action.calendar, action.event)
        return self.of_step(event, _question(action), (), action.decided_at) if event else None

    def shown(self, action: ActionRow) -> str:
        """The text of a decision, or what is wrong with its template; "" where there is none."""
        try:
            message = self.of_action(action)
        except MessageTemplateError as error:
            return f"(cannot be shown: {error})"
        return message.body if message else ""

    def _session(self, event: Event) -> Session | None:
        detection = detect(event, self.policy)
        if detection.mentorship is None:
            return None
        return Session(event=event, detection=detection, me=self.policy.me)


def check_templates(folder: Path | None) -> None:
    """Try the user's templates on every message of the gallery.

    Raises:
        MessageTemplateError: the folder is not there, or one of them does not work.
    """
    for error in faults(folder):
        raise MessageTemplateError(f"{error} Nothing was done.") from error


def _question(action: ActionRow) -> Step:
    return Step(
        rule=action.rule,
        reason=action.reason,
        message=action.message,
        action=Action.ASK,
        rung=Action(action.rung),
        effect=Effect.ASK,
        due=action.due,
        sends=action.decided_at,
        to=action.to,
        outward=False,
        why_ask=action.detail,
        lines=agenda_file.inside(action.said.block) if action.said and action.from_file else (),
    )
