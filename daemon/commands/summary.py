"""`agendad summary`: what was found and would be done, on the screen or as a mail."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from agendad.daemon import delivery
from agendad.daemon.context import locked, open_context
from agendad.daemon.digest import compose
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.store import stamp
from agendad.daemon.summary import plain


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    now = context.clock.now()
    with after_a_pass(context) as store:
        summary = compose(context, store, now)
        if args.send:
            with locked(context.state_dir):
                path = delivery.send(context, store, now)
    if args.json:
        shape = {"schema": "agendad.summary/1", **asdict(summary)}
        if args.send:
            shape["sent"] = str(path)
        print(json.dumps(shape, ensure_ascii=False, indent=2, default=_plain))
        return 0
    print(plain(summary))
    if args.send:
        print(f"written as a mail to {path}")
    return 0


def _plain(value: object) -> str:
    return stamp(value) if isinstance(value, datetime) else str(value)
