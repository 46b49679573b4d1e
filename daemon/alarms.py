"""Mail about trouble that lasts: an account that has not been read for a while, once a day for the same trouble.

Sign-ins that ended have a mail of their own, see `agendad.daemon.sign_ins`.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from agendad.daemon import mailing
from agendad.daemon.context import Context
from agendad.daemon.pass_report import AccountReport
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.terminal import when
from agendad.daemon.user_mail import Then, user_mail
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent

PATIENCE = timedelta(hours=1)
"""Trouble that passes sooner is nobody's business: networks come and go."""
AGAIN = timedelta(days=1)
_KEY = "trouble:"
_TEXT = """\
Account {account} has not been read since {since}.

{error}

Nothing is judged, sent or changed there until it is{others}. agendad goes on trying, and tells you again tomorrow if
this lasts. `agendad doctor` looks for the cause.
"""
_OVER = "Account {account} is read again. What came due meanwhile was planned anew; nothing was sent late.\n"


def tell(context: Context, store: Store, reports: Iterable[AccountReport], now: datetime) -> None:
    """Remember which accounts are in trouble since when, and mail the user where it lasts or, told of, is over.

    `now` is aware UTC. A mail that could not be sent is tried again after the next pass.
    """
    reports = list(reports)
    others = ", while your other accounts go on" if any(report.ok for report in reports) else ""
    for report in reports:
        known = json.loads(store.remembered(_KEY + report.name) or "null")
        if report.ok:
            if known and (not known["told"] or _mail(context, store, report.name, _OVER, now, kind="", after="")):
                store.remember(_KEY + report.name, "")
            continue
        if report.sign_in:
            continue
        kind = _kind(report.error)
        if not known:
            known = {"since": stamp(now), "kind": kind, "told": None}
        since, told = unstamp(known["since"]), known["told"]
        news = told is None or now - unstamp(told) >= AGAIN or known["kind"] != kind
        words = {"since": when(since, context.policy.me), "error": report.error, "others": others}
        if now - since >= PATIENCE and news:
            after = known | {"told": stamp(now), "kind": kind}
            if _mail(context, store, report.name, _TEXT, now, kind=kind, after=json.dumps(after), **words):
                known = after
        store.remember(_KEY + report.name, json.dumps(known))


def _kind(error: str) -> str:
    """What makes trouble the same: its words without the numbers in them."""
    plain = "".join("0" if character.isdigit() else character for character in error)
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def _mail(
    context: Context, store: Store, account: str, text: str, now: datetime, *, kind: str, after: str, **words: str
) -> bool:
    """Whether it is on its way, or nobody can know; `after` is what is remembered of the trouble then."""
    if context.loaded.config.mail is None:
        return False
    subject = f"agendad: account {account} {'cannot be read' if kind else 'is read again'}"
    body, key = text.format(account=account, **words), f"{account} {kind} {stamp(now)}"
    message = mailing.to_the_user(context, subject, body, kind="trouble", key=key, now=now)
    fact = _KEY + account
    then = Then(sent={fact: after}, doubt={fact: after}, what=f"the mail about account {account} of {stamp(now)}")
    try:
        user_mail(context, store).send(fact, message, then, now)
    except MailNotSent:
        return False
    except (MailInDoubt, MailPartlySent):
        pass
    return True
