"""Signing in to an account by command: what every vendor's way has in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agendad.daemon.context import Context
from agendad.daemon.mailing import sender
from agendad.daemon.profile_hints import hints
from agendad.daemon.secrets import StoredToken, TokenVault
from agendad.providers.profile import Profile

ONLY_READING = "It may only read, as every mode is observe. Sign in again after changing a mode to approve or act."


@dataclass
class Report:
    """What came of it. `stored` and `checked` are about this sign-in."""

    account: str
    method: str
    stored: bool = False
    checked: bool = False
    address: str | None = None
    scopes: list[str] = field(default_factory=list)
    ends: str | None = None
    """RFC 3339, for Google's apps in 'Testing'."""
    key: str | None = None
    """Where the key that encrypts the sign-in is kept, in words."""
    notes: list[str] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The person at the terminal."""

    say: Callable[[str], None]
    ask: Callable[[], str]
    """Waits for a line; EOFError where there is none."""
    open_browser: bool


class SigningIn(ABC):
    """One run of the command for one account."""

    def __init__(self, context: Context, report: Report, desk: Desk) -> None:
        self.context, self.report, self.desk = context, report, desk

    @abstractmethod
    def sign_in(self) -> None:
        """What the account's way of signing in asks for; a person's sign-in is stored.

        Raises:
            UsageProblem: the configuration does not say how.
            ProviderError: nobody was signed in.
        """

    @abstractmethod
    def check(self) -> None:
        """See with the vendor that the sign-in works, and whose it is.

        Raises:
            ProviderError: it does not, or it cannot be told now.
        """

    def _keep(self, vault: TokenVault, provider: str, token: Mapping[str, Any]) -> None:
        vault.save(self.report.account, StoredToken(provider, token))
        self.report.stored, self.report.key = True, vault.key_place()

    def _told(self, profile: Profile, *, sends: bool) -> None:
        """What the vendor tells of the person, beside what the configuration says."""
        me, now = self.context.policy.me, self.context.clock.now()
        self.report.checked, self.report.address = True, profile.address
        self.report.notes += hints(profile, me, now)
        whose = {address.lower() for address in (profile.address, *profile.others) if address}
        if sends and whose and sender(self.context).lower() not in whose:
            self.report.notes.append(
                f"Mail goes out through this account and says that it comes from {sender(self.context)}: the account"
                f" must be allowed to send from there. Otherwise set `mail.from: {profile.address}`."
            )
