"""Signing in to Microsoft by command."""

from contextlib import closing

from agendad.daemon.accounts import outlook_sign_in, token_vault
from agendad.daemon.config_shapes import ClientCredentialsAuth, DeviceCodeAuth, OutlookAccount, TokenAuth
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.outlook_sign_in import OUTLOOK
from agendad.daemon.signing_in import ONLY_READING, Desk, Report, SigningIn

_HOW_TO_GET_ONE = (
    "Register an application in the Microsoft Entra admin center, and name its Application (client) ID in the account:"
    " client_id: 00000000-… (docs/outlook.md, step by step)."
)


class SigningInToOutlook(SigningIn):
    """By a code for any device, in a browser, as an application, or with a token that is there."""

    def __init__(self, account: OutlookAccount, context: Context, report: Report, desk: Desk) -> None:
        super().__init__(context, report, desk)
        config = context.loaded.config
        self.how = outlook_sign_in(account, config, token_vault(config, context.state_dir), context.clock)

    def sign_in(self) -> None:
        account, say = self.how.account, self.desk.say
        auth = account.auth
        if isinstance(auth, TokenAuth):
            say(f"The environment variable {auth.env} signs account {account.name} in; nothing is stored.")
            return
        if account.client_id is None:
            happened = f"Account {account.name} names no application (client_id), and nobody can sign in without."
            raise UsageProblem(f"{happened} Nothing was done. {_HOW_TO_GET_ONE}")
        if isinstance(auth, ClientCredentialsAuth):
            whose = auth.user or self.how.me
            say(
                f"The secret in the environment variable {auth.env} signs the application of account {account.name} in,"
                f" for {whose}; nothing is stored."
            )
            return
        self._ask_the_person(by_code=isinstance(auth, DeviceCodeAuth))

    def _ask_the_person(self, *, by_code: bool) -> None:
        from agendad.providers.graph_consent import by_device_code, in_browser  # noqa: PLC0415 - slow to import

        how, desk = self.how, self.desk
        how.vault.key_place()  # nobody goes through a sign-in that cannot be stored
        registration, scopes, who = how.registration(), how.scopes(), how.who()
        if by_code:
            token = by_device_code(registration, scopes, who, tell=desk.say, now=how.clock.now)
        else:
            token = in_browser(
                registration,
                scopes,
                who,
                open_browser=desk.open_browser,
                tell=desk.say,
                ask=desk.ask,
                now=how.clock.now,
            )
        self._keep(how.vault, OUTLOOK, token.to_json())
        self.report.scopes = list(token.scopes)

    def check(self) -> None:
        from agendad.providers.graph_profile import ProfileApi  # noqa: PLC0415 - slow to import
        from agendad.providers.pacing import Pace  # noqa: PLC0415

        api = ProfileApi(
            self.report.account,
            self.how.account.api_root,
            mailbox=self.how.mailbox,
            token=self.how.token,
            refused=self.how.refused,
            now=self.context.clock.now,
            pace=Pace(service="Microsoft", tries=3),
        )
        with closing(api):
            profile = api.person()
        self._told(profile, sends=self.how.sends)
        if self.report.stored:
            self.how.belongs_to(profile.address)
            if not self.how.writes:
                self.report.notes.append(ONLY_READING)
        self.report.notes += self._roles()

    def _roles(self) -> list[str]:
        """What an administrator has not granted to an application, where its token says so."""
        if not isinstance(self.how.account.auth, ClientCredentialsAuth):
            return []
        from agendad.providers.graph_signin import PERSON, missing_scopes, roles_in  # noqa: PLC0415 - slow to import

        granted = roles_in(self.how.token())
        self.report.scopes = sorted(granted)
        missing = [role for role in missing_scopes(granted, self.how.scopes()) if role != PERSON] if granted else []
        if not missing:
            return []
        where = "In the Entra admin center, under API permissions, add them as application permissions"
        return [f"The application lacks {', '.join(missing)}. {where}, and grant admin consent (docs/outlook.md)."]
