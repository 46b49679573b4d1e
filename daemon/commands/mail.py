"""`agendad mail test`: does mail reach its readers?"""

import argparse
import hashlib
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from agendad.daemon import mailing
from agendad.daemon.context import Context, open_context
from agendad.daemon.mailing import Delivery
from agendad.daemon.reporting import json_text
from agendad.daemon.store import stamp
from agendad.providers.errors import ProviderError
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent

SCHEMA = "agendad.mail-test/1"
_TEXT = """\
This is a test mail from agendad, which looks after your mentorship
meetings. It was sent {route},
because somebody ran `agendad mail test`.

That you can read it means that the summary reaches you this way.
Nothing needs to be done.
"""


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    message = _test_message(context, context.clock.now())
    sent: Delivery | None = None
    failure: ProviderError | None = None
    try:
        path = mailing.transport(context).send(message)
        sent = Delivery(mailing.readers(context), mailing.route(context), path)
    except (MailNotSent, MailPartlySent, MailInDoubt) as error:
        failure = error
    if args.json:
        print(json_text(_shape(context, message, sent, failure)))
    elif sent is not None:
        print(_told(sent))
    else:
        print(failure, file=sys.stderr)
    return 0 if failure is None else 1


def _test_message(context: Context, now: datetime) -> EmailMessage:
    """`now`: aware UTC."""
    me, sender, readers = context.policy.me, mailing.sender(context), mailing.readers(context)
    digest = hashlib.sha256(f"{stamp(now)} {' '.join(readers)}".encode()).hexdigest()[:20]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(readers)
    if sender != me.emails[0]:
        message["Reply-To"] = me.emails[0]
    message["Subject"] = "agendad: test mail"
    message["Date"] = format_datetime(now.astimezone(me.zone_at(now) or UTC))
    message["Message-ID"] = f"<test-{digest}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no vacation notice answers it
    message.set_content(_TEXT.format(route=mailing.route(context)))
    return message


def _told(sent: Delivery) -> str:
    if sent.path is None:
        return f"sent to {sent}\nSee whether it arrived, in the spam folder too."
    return (
        f"written to {sent.path}\nA mail in a file reaches nobody by itself: `mail: {{transport: smtp, …}}` sends it."
    )


def _shape(
    context: Context, message: EmailMessage, sent: Delivery | None, failure: ProviderError | None
) -> dict[str, object]:  # JSON
    refused = failure.refused if isinstance(failure, MailPartlySent) else {}
    return {
        "schema": SCHEMA,
        "sent": None if isinstance(failure, MailInDoubt) else sent is not None or bool(refused),
        "to": [reader for reader in mailing.readers(context) if reader not in refused],
        "refused": refused,
        "route": mailing.route(context),
        "path": str(sent.path) if sent and sent.path else None,
        "message_id": str(message["Message-ID"]),
        "error": str(failure) if failure else None,
    }
