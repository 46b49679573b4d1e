"""`agendad summary`: what was found and would be done, on the screen or as a mail."""

import argparse
import sys
from dataclasses import asdict
from datetime import datetime

from agendad.daemon import delivery
from agendad.daemon.context import locked, open_context
from agendad.daemon.digest import compose
from agendad.daemon.mailing import Delivery
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.store import stamp
from agendad.daemon.summary import plain
from agendad.providers.errors import ProviderError
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    now = context.clock.now()
    sent: Delivery | None = None
    failure: ProviderError | None = None
    with after_a_pass(context) as store:
        summary = compose(context, store, now)
        if args.send:
            with locked(context.state_dir):
                try:
                    sent = delivery.deliver(context, store, now)
                except (MailNotSent, MailPartlySent, MailInDoubt) as error:
                    failure = error
    if args.json:
        shape = {"schema": "agendad.summary/1", **asdict(summary)}
        if args.send:
            shape["sent"] = str(sent) if sent else None
            shape["error"] = str(failure) if failure else None
        print(json_text(shape, _plain))
    else:
        print(plain(summary))
        if sent:
            print(f"sent as a mail: {sent}")
        if failure:
            print(failure, file=sys.stderr)
    return 0 if failure is None else 1


def _plain(value: object) -> str:
    return stamp(value) if isinstance(value, datetime) else str(value)
