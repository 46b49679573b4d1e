"""What it means when Google gives no access token, or does not take it, and what the user can do about it.

Sources: RFC 6749 §5.2; https://developers.google.com/identity/protocols/oauth2 (when refresh tokens expire).
"""

import shlex
from datetime import datetime, timedelta
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError

from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.google_signin import Bearer, Credentials, GoogleToken, Refused, ServiceAccount, SignedIn

TESTING_LIFE = timedelta(days=7)
PUBLISH = (
    "To have it last, publish the app first: in the Google Cloud console under Google Auth Platform, Audience,"
    " `Publish app` (docs/google.md)"
)
_NOTHING = "Nothing was read or written."
_ABOUT_A_WEEK = (timedelta(days=6, hours=12), timedelta(days=8, hours=12))
_OF_THE_CLIENT = frozenset({"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"})
_OF_THE_ADMINISTRATOR = frozenset({"access_denied", "admin_policy_enforced", "org_internal", "restricted_client"})


def why_refused(
    error: Exception,
    account: str,
    *,
    by: Credentials | None = None,
    now: datetime | None = None,
) -> AccountUnavailable:
    """A failure to sign in, as the user is told of it: SignInNeeded where only the user can mend it.

    Args:
        error: from google-auth, from Google's client (401, or 403 for lack of permissions), or of the network.
        account: its name in the configuration.
        by: the credentials that were used, where the error does not know them.
        now: aware; to tell a sign-in that ended after a week.
    """
    used = error.by if isinstance(error, Refused) else by
    if isinstance(error, RefreshError):
        code, words = _told(error)
        if error.retryable or not code:
            return _later(account, words or "its answer cannot be read")
        return _refused(account, code, words, used, now)
    if isinstance(error, GoogleAuthError | OSError):
        return _later(account, type(error).__name__)
    status = getattr(error, "status_code", None)  # of googleapiclient.errors.HttpError
    if status == 401:
        return _refused(account, "401", "", used, now)
    if status == 403:
        return _not_enough(account, used)
    return _later(account, type(error).__name__)


def _told(error: RefreshError) -> tuple[str, str]:
    """Google's error code and its own words; "" for a code where the answer is none of Google's."""
    if "Reauthentication is needed" in str(error):  # google-auth's words for invalid_rapt
        return "invalid_rapt", ""
    body: Any = error.args[1] if len(error.args) > 1 else None
    if isinstance(body, dict):
        code, words = body.get("error"), body.get("error_description") or ""
    else:
        code, _, words = str(error.args[0] if error.args else "").partition(":")
        if " " in code or "<" in code:
            code, words = "", ""
    return (code, _short(words)) if isinstance(code, str) else ("", "")


def _short(words: object) -> str:
    text = " ".join(str(words).split())
    return text if len(text) <= 200 else f"{text[:200]}…"


def _later(account: str, what: str) -> AccountUnavailable:
    return AccountUnavailable(
        f"Account {account}: Google's sign-in service gave no answer that helps ({what}).",
        not_done=_NOTHING,
        next_step="It is tried again at the next pass; see whether this machine is online.",
    )


def _refused(account: str, code: str, words: str, by: Credentials | None, now: datetime | None) -> SignInNeeded:
    says = f"{code}: {words}" if words else code
    if isinstance(by, Bearer):
        return _needed(
            f"Google does not take the token of account {account}: it has ended, or is none.",
            "Put a new one into the environment variable that `auth` names, and start agendad again.",
        )
    if isinstance(by, ServiceAccount):
        return _robot_refused(account, code, says, by)
    token = by.signed_in if isinstance(by, SignedIn) else None
    login = f"Type: agendad login {shlex.quote(account)}"
    if code == "invalid_rapt":
        return _ended(f"The organization of account {account} asks its people to sign in again.", login)
    if code == "invalid_grant":
        return _ended(f"Google has ended the sign-in of account {account} ({says}).{_week(token, now)}", login)
    if code in _OF_THE_CLIENT:
        return _needed(
            f"Google does not accept the OAuth client that account {account} signed in with ({says}).",
            "See in the Google Cloud console whether it is still there, download its file again if its secret was"
            f" changed, and then type: agendad login {shlex.quote(account)}",
        )
    if code in _OF_THE_ADMINISTRATOR:
        return _needed(
            f"The organization of account {account} does not let agendad in ({says}).",
            f"Ask its administrator to allow the app. {login}",
        )
    return _needed(f"Google refused the sign-in of account {account} ({says}).", login)


def _week(token: GoogleToken | None, now: datetime | None) -> str:
    """A sentence about apps in 'Testing', where that may be why."""
    if token is None:
        return ""
    if token.refresh_expires_at is not None:
        return f" Its app is in 'Testing', where a sign-in lasts {TESTING_LIFE.days} days. {PUBLISH}."
    least, most = _ABOUT_A_WEEK
    if now is not None and least <= now - token.obtained_at <= most:
        return (
            f" You signed in {TESTING_LIFE.days} days ago, which is how long a sign-in lasts while its app is in"
            f" 'Testing'. {PUBLISH}."
        )
    return ""


def _robot_refused(account: str, code: str, says: str, by: ServiceAccount) -> SignInNeeded:
    whom = by.subject or "itself"
    if code in ("unauthorized_client", "access_denied"):
        scopes = ",".join(by.scopes or ())
        return _needed(
            f"The service account of account {account} may not act for {whom} ({says}).",
            "In the Admin console under Security, Access and data control, API controls, Domain-wide delegation, add"
            f" the client ID {by.client_id or 'of the service account'} with exactly these scopes: {scopes}",
        )
    lowered = says.lower()
    if "email" in lowered or "user id" in lowered:
        next_step = "Correct `auth.subject`: the address of a person in the organization."
    elif "timeframe" in lowered or "short-lived" in lowered:
        next_step = "Set this machine's clock: Google compares it with its own."
    else:
        next_step = "Make a new key for it in the Google Cloud console, and put it where `auth.key_file` says."
    return _needed(f"Google refused the service account of account {account} ({says}).", next_step)


def _not_enough(account: str, by: Credentials | None) -> SignInNeeded:
    fixes: dict[type[Any], str] = {
        Bearer: "Give it a token with the permissions that agendad needs (docs/google.md).",
        ServiceAccount: "Add the missing scopes to its domain-wide delegation in the Admin console (docs/google.md).",
    }
    login = f"Type: agendad login {shlex.quote(account)}, and tick every box on Google's page."
    return _needed(f"The sign-in of account {account} does not allow what was asked.", fixes.get(type(by), login))


def _needed(happened: str, next_step: str) -> SignInNeeded:
    return SignInNeeded(happened, not_done=_NOTHING, next_step=next_step)


def _ended(happened: str, next_step: str) -> SignInNeeded:
    """Only a new sign-in helps."""
    refused = _needed(happened, next_step)
    refused.ended = True
    return refused
