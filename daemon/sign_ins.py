"""Accounts whose sign-in has ended: paused until the user signs in anew, and told by mail, once."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from agendad.daemon import mailing
from agendad.daemon.context import Context
from agendad.daemon.pass_report import AccountReport
from agendad.daemon.store import Store, stamp
from agendad.daemon.user_mail import Then, user_mail
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent

_ENDED, _TOLD = "sign_in_ended:", "sign_in_told:"
_TEXT = """\
Account {account} needs you to sign in: agendad cannot read it.

{told}

Until then nothing is read, judged or changed there{others}.
Nobody else has been told anything.
"""
_AHEAD = """\
Account {account} will need you soon.

{told}

Until then all goes on as it does.
"""


class Ended:
    """Which accounts are paused. `fingerprints` tell one sign-in of an account from the next; "" for none."""

    def __init__(self, store: Store, fingerprints: Mapping[str, str]) -> None:
        self.store, self.fingerprints = store, fingerprints

    def why(self, account: str) -> str:
        """What was said when the sign-in ended; "" where there has been another one since, or all is well."""
        told = self.store.remembered(_ENDED + account)
        if not told:
            return ""
        shape = json.loads(told)
        return str(shape["error"]) if shape["sign_in"] == self.fingerprints.get(account, "") else ""

    def note(self, reports: Iterable[AccountReport]) -> None:
        """Remember those that ended, forget those that answer again; inside a transaction."""
        for report in reports:
            if report.ended:
                shape = {"sign_in": self.fingerprints.get(report.name, ""), "error": report.error}
                self.store.remember(_ENDED + report.name, json.dumps(shape))
            elif report.ok and self.store.remembered(_ENDED + report.name):
                self.store.remember(_ENDED + report.name, "")


def tell(context: Context, store: Store, reports: Iterable[AccountReport], soon: Mapping[str, Sequence[str]]) -> None:
    """Mail the user about each account that waits for a sign-in, or will soon (`soon`: account → texts), once.

    What could not be sent is tried again after the next pass; what is in doubt is not.
    """
    reports = list(reports)
    others = any(report.ok for report in reports)
    for report in reports:
        known = _TOLD + report.name
        ahead = "\n\n".join(soon.get(report.name, ())) if report.ok else ""
        told = report.error if report.sign_in else ahead
        if not told:
            if report.ok and store.remembered(known):
                store.remember(known, "")
            continue
        digest = hashlib.sha256(f"{report.sign_in} {told}".encode()).hexdigest()[:20]
        if store.remembered(known) == digest:
            continue
        rest = ", while your other accounts go on" if others else ""
        body = (_AHEAD if ahead else _TEXT).format(
            account=report.name, told=told.replace(" Type: ", "\n\nType: "), others=rest
        )
        subject = f"agendad: account {report.name} {'will need' if ahead else 'needs'} you to sign in"
        try:
            now = context.clock.now()
            key = f"{digest} {stamp(now)}"
            mail = mailing.to_the_user(context, subject, body, kind="sign-in", key=key, now=now)
            after = {known: digest}
            then = Then(sent=after, doubt=after, what=f"the mail about account {report.name} of {stamp(now)}")
            user_mail(context, store).send(known, mail, then, now)
        except MailNotSent:
            continue
        except (MailInDoubt, MailPartlySent):
            pass
