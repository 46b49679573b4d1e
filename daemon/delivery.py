"""The summary on its way: when it is due, and into which folder it goes."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agendad.daemon.context import Context
from agendad.daemon.digest import SENT, SENT_UP_TO, compose
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.summary import is_empty, render
from agendad.providers.mail import FileTransport, MailNotSent
from agendad.rules.policy import Weekday

_FIRST_PASS = "first_pass"  # noqa: S105 - a key, no password
_TROUBLE = "summary_trouble"


def trouble(store: Store) -> str:
    """Why the summary that was due could not be sent; "" if all is well."""
    return store.remembered(_TROUBLE) or ""


def send_if_due(context: Context, store: Store, now: datetime) -> Path | None:
    """Send the summary if its time has come since the last one; an empty one only when asked for.

    The first pass of an installation starts the count: its summary comes at the next time of the schedule.
    One that cannot be sent is tried again at the next pass; `trouble` says why.
    """
    try:
        sent = _send_if_due(context, store, now)
    except MailNotSent as error:
        store.remember(_TROUBLE, str(error))
        return None
    store.remember(_TROUBLE, "")
    return sent


def _send_if_due(context: Context, store: Store, now: datetime) -> Path | None:
    started = store.remembered(_FIRST_PASS)
    if started is None:
        store.remember(_FIRST_PASS, stamp(now))
        return None
    last = store.remembered(SENT) or started
    if _latest_slot(context, now) <= unstamp(last):
        return None
    summary = compose(context, store, now)
    if is_empty(summary) and not context.loaded.config.summary.when_empty:
        return None
    return send(context, store, now)


def send(context: Context, store: Store, now: datetime) -> Path:
    """Send the summary now. The same state at the same time gives the same Message-ID, and one mail."""
    config, me = context.loaded.config, context.policy.me
    told = SessionStore(store).last_number()
    readers = [me.emails[0] if reader == "me" else reader for reader in config.summary.to]
    sender = (config.mail.sender if config.mail else None) or me.emails[0]
    digest = hashlib.sha256(f"{stamp(now)} {' '.join(readers)}".encode()).hexdigest()[:20]
    message_id = f"<summary-{digest}@{sender.rpartition('@')[2]}>"
    message = render(compose(context, store, now), sender=sender, recipients=readers, message_id=message_id)
    path = FileTransport(outbox(context)).send(message)
    with store.transaction():
        store.remember(SENT, stamp(now))
        store.remember(SENT_UP_TO, str(told))
    return path


def outbox(context: Context) -> Path:
    """Where mail by file lands."""
    mail = context.loaded.config.mail
    if mail is not None and mail.transport == "file" and mail.path is not None:
        return mail.path
    return context.state_dir / "outbox"


def _latest_slot(context: Context, now: datetime) -> datetime:
    """The last time at or before now (aware UTC) at which the schedule has a summary, in the user's zone."""
    schedule, zone = context.loaded.config.summary, context.policy.me.zone or UTC
    day = now.astimezone(zone).date()
    for back in range(8):
        date = day - timedelta(days=back)
        midnight = datetime(date.year, date.month, date.day)  # noqa: DTZ001 - a clock reading; the zone comes next
        slot = (midnight + timedelta(minutes=schedule.at)).replace(tzinfo=zone)
        if list(Weekday)[date.weekday()] in schedule.days and slot <= now:
            return slot
    raise AssertionError("a schedule has at least one day a week")
