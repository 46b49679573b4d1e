"""From the accounts of the configuration to the providers that read and write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agendad.daemon.accounts import GoogleSignIn, SignIn, google_sign_in, outlook_sign_in, token_vault
from agendad.daemon.clock import Clock
from agendad.daemon.config_checks import calendars_of_others
from agendad.daemon.config_shapes import AnyAccount, CaldavAccount, Config, GoogleAccount, IcsAccount, OutlookAccount
from agendad.daemon.dav_sign_in import dav_sign_in
from agendad.daemon.outlook_sign_in import OutlookSignIn
from agendad.daemon.secrets import TokenVault
from agendad.providers.base import CalendarProvider
from agendad.providers.errors import ProviderError
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.rules.policy import Person


@dataclass(frozen=True)
class Opened:
    """An account that can be read. Nothing has been asked of a server yet."""

    provider: CalendarProvider
    sign_in: SignIn | None = None

    def fingerprint(self) -> str:
        """Tells its present sign-in from earlier ones; "" where it needs none that is kept here."""
        return self.sign_in.fingerprint() if self.sign_in else ""

    def notes(self, me: Person | None) -> list[str]:
        """What the user should do about the sign-in before it is too late; a missing one is told when it is missed."""
        try:
            return list(self.sign_in.notes(me)) if self.sign_in else []
        except ProviderError:
            return []


def open_accounts(config: Config, state_dir: Path, clock: Clock) -> dict[str, Opened]:
    """The accounts, by name, in the order of the configuration."""
    vault = token_vault(config, state_dir)
    return {account.name: _open(account, config, clock, vault) for account in config.accounts}


def _open(account: AnyAccount, config: Config, clock: Clock, vault: TokenVault) -> Opened:
    if isinstance(account, IcsAccount):
        writable, by_server = account.notify != "none", account.notify == "server"
        return Opened(IcsFolderProvider(account.name, account.path, writable=writable, server_tells_guests=by_server))
    if isinstance(account, GoogleAccount):
        others = calendars_of_others(account, config.me)
        calendars = [calendar for calendar in account.calendars if calendar not in others]
        return _open_google(account, calendars, google_sign_in(account, config, vault, clock), clock)
    if isinstance(account, CaldavAccount):
        return _open_caldav(account, config, clock)
    return _open_outlook(account, config, outlook_sign_in(account, config, vault, clock), clock)


def _open_google(account: GoogleAccount, calendars: list[str], sign_in: GoogleSignIn, clock: Clock) -> Opened:
    from agendad.providers.google import GoogleProvider  # noqa: PLC0415 - slow to import, and not everyone's
    from agendad.providers.google_api import GoogleApi  # noqa: PLC0415

    api = GoogleApi(
        account.name,
        account.api_root,
        credentials=sign_in.credentials,
        why_refused=sign_in.why_refused,
        sign_in=sign_in.fingerprint,
        now=clock.now,
    )
    return Opened(GoogleProvider(account.name, calendars, api, may_write=sign_in.may_write), sign_in)


def _open_outlook(account: OutlookAccount, config: Config, sign_in: OutlookSignIn, clock: Clock) -> Opened:
    from agendad.providers.graph_api import GraphApi  # noqa: PLC0415 - slow to import, and not everyone's
    from agendad.providers.outlook import OutlookProvider  # noqa: PLC0415

    api = GraphApi(
        account.name,
        account.api_root,
        mailbox=sign_in.mailbox,
        token=sign_in.token,
        refused=sign_in.refused,
        now=clock.now,
    )
    others = calendars_of_others(account, config.me)
    provider = OutlookProvider(
        account.name,
        [calendar for calendar in account.calendars if calendar not in others],
        api,
        me=config.me.emails,
        on_behalf=account.on_behalf,
        may_write=sign_in.may_write,
    )
    return Opened(provider, sign_in)


def _open_caldav(account: CaldavAccount, config: Config, clock: Clock) -> Opened:
    from agendad.providers.caldav import CaldavProvider  # noqa: PLC0415 - slow to import, and not everyone's
    from agendad.providers.dav_http import DavHttp  # noqa: PLC0415

    sign_in = dav_sign_in(account, config)
    http = DavHttp(
        account.name, account.url, authorization=sign_in.authorization, refused=sign_in.refused, now=clock.now
    )
    provider = CaldavProvider(account.name, account.calendars, http, me=config.me.emails, on_behalf=account.on_behalf)
    return Opened(provider, sign_in)


def fingerprints(accounts: Mapping[str, Opened]) -> dict[str, str]:
    """By account; see `Opened.fingerprint`."""
    return {name: opened.fingerprint() for name, opened in accounts.items()}
