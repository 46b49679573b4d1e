"""The summary on its way: when it is due, and what became of it."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agendad.daemon import followups, mailing
from agendad.daemon.context import Context
from agendad.daemon.digest import SENT, SENT_UP_TO, coming_cancellations, compose
from agendad.daemon.journal import Journal
from agendad.daemon.mailing import Delivery
from agendad.daemon.session_store import Key, SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.summary import is_empty, render
from agendad.daemon.user_mail import TELLS, Then, user_mail
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent
from agendad.rules.policy import Weekday

_FIRST_PASS = "first_pass"  # noqa: S105 - a key, no password
_TROUBLE = "summary_trouble"
_DOUBT = "summary_in_doubt"
_NAME = "summary"
_AFTER_DOUBT = timedelta(hours=6)


def trouble(store: Store) -> str:
    """Why the summary that was due could not be sent; "" if all is well."""
    return store.remembered(_TROUBLE) or ""


def aftermath(store: Store) -> str:
    """What the next summary tells of the last one: that it is in doubt, or who was refused; "" if all is well."""
    return store.remembered(TELLS) or ""


def send_if_due(context: Context, store: Store, now: datetime) -> Delivery | None:
    """Send the summary if its time has come since the last one; an empty one only when asked for.

    The first pass of an installation starts the count: its summary comes at the next time of the schedule.
    One that cannot be sent is tried again at the next pass, as the same message; `trouble` says why. One whose
    fate is unknown is not: `aftermath` goes into the next.
    """
    started = store.remembered(_FIRST_PASS)
    if started is None:
        store.remember(_FIRST_PASS, stamp(now))
        return None
    slot = _latest_slot(context, now)
    last = max(store.remembered(SENT) or started, store.remembered(_DOUBT) or "")
    if slot <= unstamp(last):
        store.remember(_TROUBLE, "")
        return None
    quiet = is_empty(compose(context, store, now)) and not aftermath(store)
    if quiet and not context.loaded.config.summary.when_empty:
        return None
    return _try(context, store, now, slot)


def warn(context: Context, store: Store, now: datetime) -> frozenset[Key]:
    """Send a summary ahead of its time, as something is to be cancelled that the user has to hear of before.

    Returns the sessions that were told of; none where the summary could not be sent, or nobody knows whether it was:
    `trouble` and `aftermath` say why. After one in doubt no other is sent ahead of its time for a while.
    """
    doubt = store.remembered(_DOUBT)
    if doubt is not None and now - unstamp(doubt) < _AFTER_DOUBT:
        return frozenset()
    coming = frozenset(key for key, _ in coming_cancellations(context, store, now))
    return coming if _try(context, store, now, None) is not None else frozenset()


def _try(context: Context, store: Store, now: datetime, slot: datetime | None) -> Delivery | None:
    sent: Delivery | None = None
    try:
        sent = deliver(context, store, now, slot=slot)
    except MailNotSent as error:
        store.remember(_TROUBLE, str(error))
        return None
    except (MailInDoubt, MailPartlySent):
        pass  # remembered by `deliver`
    store.remember(_TROUBLE, "")
    return sent


def deliver(context: Context, store: Store, now: datetime, *, slot: datetime | None = None) -> Delivery:
    """Send the summary now, as the one that the schedule has at `slot`, or as one of its own.

    The Message-ID is made from the slot, else from `now`: another try is the same message. After one in doubt,
    the next summary starts where the last certain one ended, so that nothing goes untold.

    Raises:
        MailNotSent: nothing was sent and nothing is remembered.
        MailPartlySent, MailInDoubt: so it is, and it is remembered.
    """
    user_mail(context, store).settle()
    readers, sender = mailing.readers(context), mailing.sender(context)
    digest = hashlib.sha256(f"{stamp(slot or now)} {' '.join(readers)}".encode()).hexdigest()[:20]
    told = Journal(store).last_number()
    coming = [key for key, _ in coming_cancellations(context, store, now)]
    summary = compose(context, store, now)
    if tell := aftermath(store):
        summary = replace(summary, notes=(*summary.notes, tell))
    message = render(
        summary,
        sender=sender,
        recipients=readers,
        message_id=f"<summary-{digest}@{sender.rpartition('@')[2]}>",
        reply_to=context.policy.me.emails[0],
    )
    then = Then(
        sent={SENT: stamp(now), SENT_UP_TO: str(told), TELLS: "", **followups.once_told(context, store, now)},
        doubt={_DOUBT: stamp(now)},
        what=f"the summary of {stamp(now)}",
        warned=coming,
    )
    try:
        path = user_mail(context, store).send(_NAME, message, then, now)
    except MailPartlySent as error:
        if any(context.policy.me.has(reader) and reader not in error.refused for reader in readers):
            SessionStore(store).warned(coming, now)
        else:
            store.remember(_DOUBT, stamp(now))
        raise
    return Delivery(readers, mailing.route(context), path)


def next_slot(context: Context, now: datetime) -> datetime:
    """The next time after now (aware UTC) at which the schedule has a summary; the answer is aware UTC.

    A time that the change of clocks leaves out comes an hour later that day; one that it has twice, the first time.
    """
    day = _today(context, now)
    slots = (_slot(context, day + timedelta(days=ahead)) for ahead in range(-1, 9))
    return min(at for slot in slots if slot is not None and (at := slot.astimezone(UTC)) > now)


def _latest_slot(context: Context, now: datetime) -> datetime:
    """The last time at or before now (aware UTC) at which the schedule has a summary, where the user is that day."""
    day = _today(context, now)
    for back in range(8):
        slot = _slot(context, day - timedelta(days=back))
        if slot is not None and slot <= now:
            return slot
    raise AssertionError("a schedule has at least one day a week")


def _today(context: Context, now: datetime) -> date:
    return now.astimezone(context.policy.me.zone_at(now) or UTC).date()


def _slot(context: Context, day: date) -> datetime | None:
    """When the summary of a day is due, where the user is then."""
    schedule = context.loaded.config.summary
    if list(Weekday)[day.weekday()] not in schedule.days:
        return None
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a clock reading; the zone comes next
    return (midnight + timedelta(minutes=schedule.at)).replace(tzinfo=context.policy.me.zone_on(day) or UTC)
