"""`agendad mail test`: does mail reach its readers?"""

import argparse
import sys
from datetime import datetime
from email.message import EmailMessage

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
    body = _TEXT.format(route=mailing.route(context))
    key = f"{stamp(now)} {' '.join(mailing.readers(context))}"
    return mailing.to_the_user(context, "agendad: test mail", body, kind="test", key=key, now=now)


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
