"""Signing in to Google by command."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from agendad.daemon.accounts import GOOGLE, google_sign_in, token_vault
from agendad.daemon.config_shapes import GoogleAccount, ServiceAccountAuth, TokenAuth
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.signing_in import ONLY_READING, Desk, Report, SigningIn
from agendad.daemon.store import stamp

_ALWAYS = timedelta(days=36500)
_HOW_TO_GET_THE_FILE = (
    "In the Google Cloud console enable the Google Calendar API, make an OAuth client of the type `Desktop app`,"
    " download its file, and name it in the account: client_secrets: google-client.json (docs/google.md, step by step)."
)


class SigningInToGoogle(SigningIn):
    """By consent page, service account, or a token that is there."""

    def __init__(self, account: GoogleAccount, context: Context, report: Report, desk: Desk) -> None:
        super().__init__(context, report, desk)
        config = context.loaded.config
        self.how = google_sign_in(account, config, token_vault(config, context.state_dir), context.clock)

    def sign_in(self) -> None:
        auth, name, say = self.how.account.auth, self.report.account, self.desk.say
        if isinstance(auth, TokenAuth):
            say(f"The environment variable {auth.env} signs account {name} in; nothing is stored.")
        elif isinstance(auth, ServiceAccountAuth):
            whom = f"for {auth.subject}" if auth.subject else "for itself, as `auth.subject` names nobody"
            say(f"The service account in {auth.key_file} signs account {name} in, {whom}; nothing is stored.")
        else:
            self._ask_the_person()

    def _ask_the_person(self) -> None:
        account = self.how.account
        if account.client_secrets is None:
            happened = f"Account {account.name} names no OAuth client (client_secrets), and nobody can sign in without."
            raise UsageProblem(f"{happened} Nothing was done. {_HOW_TO_GET_THE_FILE}")
        from agendad.providers.google_consent import consent  # noqa: PLC0415 - slow to import
        from agendad.providers.google_signin import CredentialFileWrong  # noqa: PLC0415

        self.how.vault.key_place()  # nobody goes through a sign-in that cannot be stored
        try:
            token = consent(
                account.client_secrets,
                self.how.scopes(),
                open_browser=self.desk.open_browser,
                tell=self.desk.say,
                ask=self.desk.ask,
                now=self.how.clock.now,
            )
        except CredentialFileWrong as error:
            raise UsageProblem(str(error)) from error
        self._keep(self.how.vault, GOOGLE, token.to_json())
        self.report.scopes = list(token.scopes)
        self.report.ends = stamp(token.refresh_expires_at) if token.refresh_expires_at else None

    def check(self) -> None:
        from agendad.providers.google_profile import ProfileApi  # noqa: PLC0415 - slow to import
        from agendad.providers.pacing import Pace  # noqa: PLC0415

        api = ProfileApi(
            self.report.account,
            self.how.account.api_root,
            credentials=self.how.credentials,
            why_refused=self.how.why_refused,
            now=self.context.clock.now,
            pace=Pace(service="Google", tries=2),
        )
        with closing(api):
            profile = api.primary()
        self._told(profile, sends=self.how.sends)
        token = self.how.signed_in()
        if token is not None:
            self.how.renewed(replace(token, address=profile.address))
            self.report.notes += self.how.ending(token, self.context.policy.me, before=_ALWAYS)
            if not self.how.writes:
                self.report.notes.append(ONLY_READING)
