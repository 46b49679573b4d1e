"""Whether a step can be taken at all with what the configuration and the calendar allow. Nothing is read or sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agendad.daemon.journal import ActionRow
from agendad.providers.base import Capabilities, WriteKind
from agendad.providers.model import Event
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import Effect

WRITES = {
    Effect.CANCEL: WriteKind.CANCEL,
    Effect.DECLINE: WriteKind.DECLINE,
    Effect.TENTATIVE: WriteKind.TENTATIVE,
    Effect.PATCH: WriteKind.PATCH,
    Effect.MOVE: WriteKind.MOVE,
    Effect.RESTORE: WriteKind.RESTORE,
}
"""What each effect asks of a calendar; the others leave it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What this installation can do."""

    mail: bool
    """`mail:` is in the configuration."""
    addresses: frozenset[str]
    """Whom our own mail may go to: the people in the configuration."""
    mine: frozenset[str] = frozenset()
    """The user's own addresses."""

    def shares(self, rung: Action, effect: Effect, event: Event, can: Capabilities) -> bool:
        """Whether a step also lets the guests change the event: asking them to take it over, where I organize it."""
        mine = event.organizer is not None and event.organizer.email in self.mine
        return rung is Action.HANDOVER and effect is Effect.MAIL and mine and WriteKind.SHARE in can.writes

    def missing(self, effect: Effect, to: Sequence[str], calendar: str, can: Capabilities, *, organizing: bool) -> str:
        """What stands in the way of a step, with what to do; "" if nothing does.

        Args:
            effect: what is to be done.
            to: who is to hear of it.
            calendar: the calendar as a person knows it.
            can: what may be done to it.
            organizing: whether the event is the user's.
        """
        write = write_of(effect, can, organizing=organizing)
        if write is not None and not can.writes:
            return f"{calendar} is read-only here; do it yourself, or let the account write"
        if write is not None and write not in can.writes:
            return f"{calendar} cannot {write}; do it yourself"
        if effect is Effect.ASK or not by_mail(effect, can, organizing=organizing):
            return ""
        strangers = [email for email in to if email not in self.addresses]
        if strangers:
            return (
                f"{' and '.join(strangers)} would have to hear of it by mail and is not in the configuration; "
                "agendad writes to nobody else"
            )
        if odd := [email for email in to if not email.isascii()]:
            return f"{' and '.join(odd)} holds characters that mail of agendad's cannot be addressed with"
        if to and not self.mail:
            return "there is no `mail:` in the configuration, and this needs a mail; add it"
        return ""


def was_written(action: ActionRow) -> bool:
    """Whether an action changed a calendar in a way that can be taken back."""
    effect = Effect(action.effect)
    return effect is not Effect.RESTORE and (effect in WRITES or action.undo is not None)


def write_of(effect: Effect, can: Capabilities, *, organizing: bool) -> WriteKind | None:
    """What an effect asks of a calendar; None where it leaves it as it is. Some take a guest's proposal of times."""
    proposes = effect is Effect.PROPOSE and WriteKind.PROPOSE in can.writes and not organizing
    return WriteKind.PROPOSE if proposes else WRITES.get(effect)


def by_mail(effect: Effect, can: Capabilities, *, organizing: bool) -> bool:
    """Whether people hear of it through a mail of ours: exactly where the calendar's server does not tell them."""
    return write_of(effect, can, organizing=organizing) is None or not can.tells_guests(notify=True)


def known_addresses(policy: Policy, others: Collection[str] = ()) -> frozenset[str]:
    """Every address that the configuration names as a person's; `others` are those who read the summary."""
    people = (policy.me, *(person for pair in policy.mentorships for person in (pair.mentor, pair.mentee)))
    return frozenset({email for person in people for email in person.emails} | set(others))
