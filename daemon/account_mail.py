"""Mail through an account of the configuration."""

from pathlib import Path

from agendad.daemon.accounts import GoogleSignIn, google_sign_in, outlook_sign_in, token_vault
from agendad.daemon.clock import Clock
from agendad.daemon.config_shapes import AccountMail, Config, GoogleAccount, OutlookAccount
from agendad.daemon.outlook_sign_in import OutlookSignIn
from agendad.daemon.secrets import login_command
from agendad.providers.account_mail import AccountTransport, Post
from agendad.providers.mail import MailTransport


def open_account_mail(config: Config, state_dir: Path, clock: Clock) -> MailTransport | None:
    """What mail leaves through, where that is an account; nothing is asked of a server yet."""
    mail = config.mail
    if not isinstance(mail, AccountMail):
        return None
    account = next(account for account in config.accounts if account.name == mail.account)
    vault = token_vault(config, state_dir)
    if isinstance(account, OutlookAccount):
        return _outlook(account, outlook_sign_in(account, config, vault, clock), clock)
    if isinstance(account, GoogleAccount):
        return _gmail(account, google_sign_in(account, config, vault, clock), clock)
    raise TypeError(account.provider)  # the configuration was checked


def _outlook(account: OutlookAccount, sign_in: OutlookSignIn, clock: Clock) -> MailTransport:
    from agendad.providers.graph_mail import GraphPost  # noqa: PLC0415 - not everyone's
    from agendad.providers.graph_signin import LOOK_UP, SEND  # noqa: PLC0415

    post = GraphPost(
        account.name,
        account.api_root,
        mailbox=sign_in.mailbox,
        token=sign_in.token,
        refused=sign_in.refused,
        now=clock.now,
    )
    return _transport(post, sign_in, SEND, LOOK_UP)


def _gmail(account: GoogleAccount, sign_in: GoogleSignIn, clock: Clock) -> MailTransport:
    from agendad.providers.gmail import GmailPost  # noqa: PLC0415 - slow to import, and not everyone's
    from agendad.providers.google_signin import GMAIL_READ, GMAIL_SEND  # noqa: PLC0415

    post = GmailPost(
        account.name,
        account.gmail_root,
        credentials=sign_in.credentials,
        why_refused=sign_in.why_refused,
        now=clock.now,
        sign_in=sign_in.fingerprint,
    )
    return _transport(post, sign_in, GMAIL_SEND, GMAIL_READ)


def _transport(post: Post, sign_in: GoogleSignIn | OutlookSignIn, send: str, look_up: str) -> MailTransport:
    """`send` and `look_up`: the rights that are needed, by the vendor's names."""
    name = sign_in.account.name

    def trouble() -> tuple[str, str] | None:
        missing = sign_in.missing(send, *((look_up,) if sign_in.looks_up else ()))
        if not missing:
            return None
        what = "does not let agendad send mail" if send in missing else "does not let mail be looked up"
        return f"The sign-in of account {name} {what}.", f"Type: {login_command(name)}"

    return AccountTransport(
        post,
        looks_up=sign_in.looks_up,
        keeps_ids=sign_in.keeps_message_ids,
        learnt=sign_in.found_by_id,
        trouble=trouble,
    )
