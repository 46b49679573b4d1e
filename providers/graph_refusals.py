"""What it means when Microsoft gives no access token, or does not take it, and what the user can do about it.

Sources: RFC 6749 §5.2, RFC 8628 §3.5; https://learn.microsoft.com/entra/identity-platform/reference-error-codes. The
numbers (AADSTS…) may change: they only sharpen what the error's name says, and an unknown one is told as it came.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.graph_http import NoAnswer, NotGiven
from agendad.providers.sign_in_pages import STAYS

TO_IT = "docs/outlook.md has a text to send to your IT department, and a way on until then."
_NOTHING = "Nothing was read or written."
_NUMBER = re.compile(r"AADSTS(\d+)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal means. In the texts, `{login}` is the command that signs in, and so on; see `_filled`."""

    happened: str
    fix: str
    ended: bool = False
    """Nothing but a new sign-in helps."""
    later: bool = False
    """Nothing is wrong with the sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who asked: what messages name."""

    account: str
    client_id: str = ""
    authority: str = ""
    secret: str = ""
    """The environment variable that an application's secret is in; "" for a person."""


def _ended(why: str) -> Meaning:
    return Meaning(f"Microsoft has ended the sign-in of account {{account}}: {why} ({{says}}).", "{login}", ended=True)


_AGAIN = _ended("it asks the person to sign in again")
_PASSWORD = _ended("the password was changed, or all sessions were ended")
_UNUSED = _ended("it was not used for a long time")
_POLICY = _ended("the organization asks its people to sign in again, or to prove once more who they are")
_CONSENT = Meaning(
    "Account {account}: agendad is not, or not any more, allowed what it needs ({says}).",
    f"{{login}}. If Microsoft then asks for an administrator's approval: {TO_IT}",
)
_ADMIN = Meaning("The organization of account {account} lets only its administrators allow an app ({says}).", TO_IT)
_DECLINED = Meaning("The permission was not given ({says}).", "{login}, and accept on Microsoft's page.")
_NO_CODE = Meaning("Nobody entered the code in time ({says}).", "{login}, and enter the new code.")
_WHO = Meaning(
    "Who signed in to account {account} is not of those that `authority` lets in, {authority} ({says}).",
    "Sign in as somebody who is; or set `authority` to consumers (personal accounts), organizations (work or school)"
    " or your tenant's id. {login}",
)
_CONSUMERS = Meaning(
    "The application of account {account} is registered for personal Microsoft accounts only ({says}).",
    "Set `authority: consumers` in the account, and then: {login}",
)
_WORK = Meaning(
    "The application of account {account} is not registered for personal Microsoft accounts ({says}).",
    "In the Entra admin center, under Authentication, change `Supported account types`; or sign in as somebody of an"
    " organization, with `authority: organizations` or your tenant's id. {login}",
)
_APP = Meaning(
    "Microsoft does not know the application {client_id} at {authority}, or does not let it in ({says}).",
    "Compare `client_id` with the Application (client) ID in the Entra admin center, and `authority` with its"
    " `Supported account types`: an app for one organization needs that tenant's id. {login}",
)
_PUBLIC = Meaning(
    "The application {client_id} is not registered as one that has no secret ({says}).",
    "In the Entra admin center, under Authentication, set `Allow public client flows` to Yes. {login}",
)
_SECRET = Meaning(
    "Microsoft does not take the client secret of account {account} ({says}).",
    "Make a new one in the Entra admin center, under Certificates & secrets; put its Value (not its Secret ID) into"
    " {secret}, and start agendad again.",
)
_TENANT = Meaning("There is no organization at {authority} ({says}).", "Correct `authority` of account {account}.")
_OWN_TENANT = Meaning(
    "An application with rights of its own signs in at its own organization, and {authority} names none ({says}).",
    "Set `authority` of account {account} to that tenant's id.",
)
_REDIRECT = Meaning(
    "The application {client_id} has no redirect URI http://localhost ({says}).",
    "In the Entra admin center, under Authentication, add the platform `Mobile and desktop applications` with"
    " http://localhost. {login}",
)
_SCOPE = Meaning(
    "Microsoft does not know what account {account} asks for ({says}).",
    "Look whether `authority` and `api_root` belong to the same cloud (docs/outlook.md). {login}",
)
_BLOCKED = Meaning(
    "The rules of account {account}'s organization do not let this sign-in through ({says}).",
    "Many organizations block codes for devices: try `auth: {{method: interactive}}`, on a computer of theirs."
    f" Otherwise ask its IT department; {TO_IT}",
)
_CLOSED = Meaning("The Microsoft account of {account} is closed or locked ({says}).", "Ask its administrator. {login}")
_BUSY = Meaning("", "", later=True)
_OTHER = Meaning("Microsoft refused the sign-in of account {account} ({says}).", "{login}")

_NUMBERS: Mapping[int, Meaning] = {
    **dict.fromkeys((50173, 50132, 50133, 50055, 50144), _PASSWORD),
    **dict.fromkeys((70008, 700082, 700084), _UNUSED),
    **dict.fromkeys((50072, 50074, 50076, 50078, 50079, 50158, 70043, 70044), _POLICY),
    65001: _CONSENT,
    **dict.fromkeys((90093, 90094, 90095), _ADMIN),
    **dict.fromkeys((65004, 70019), _DECLINED),
    **dict.fromkeys((70018, 70020), _NO_CODE),
    **dict.fromkeys((50020, 50034, 50177), _WHO),
    9002346: _CONSUMERS,
    9002331: _WORK,
    **dict.fromkeys((700016, 7000112, 500014), _APP),
    7000218: _PUBLIC,
    **dict.fromkeys((7000215, 7000222), _SECRET),
    **dict.fromkeys((90002, 900023), _TENANT),
    50059: _OWN_TENANT,
    **dict.fromkeys((50011, 500113, 900971), _REDIRECT),
    **dict.fromkeys((70011, 500011, 650053, 1002012), _SCOPE),
    **dict.fromkeys((50005, 50105, 53000, 53001, 53002, 53003, 53004, 53011, 530003), _BLOCKED),
    **dict.fromkeys((50053, 50057), _CLOSED),
    **dict.fromkeys((50196, 90006, 90012, 90033), _BUSY),
}
_NAMES: Mapping[str, Meaning] = {
    "invalid_grant": _AGAIN,
    "interaction_required": _AGAIN,
    "login_required": _AGAIN,
    "consent_required": _CONSENT,
    "access_denied": _DECLINED,
    "authorization_declined": _DECLINED,
    "authorization_pending": _NO_CODE,
    "slow_down": _NO_CODE,
    "expired_token": _NO_CODE,
    "bad_verification_code": _NO_CODE,
    "code_expired": _NO_CODE,
    "unauthorized_client": _APP,
    "invalid_client": _SECRET,
    "invalid_scope": _SCOPE,
    "invalid_resource": _SCOPE,
    "invalid_tenant": _TENANT,
    "temporarily_unavailable": _BUSY,
    "server_error": _BUSY,
}


def why_refused(error: Exception, who: Who) -> AccountUnavailable:
    """A failure to get an access token at work: SignInNeeded where only the user can mend it.

    `error`: NotGiven, NoAnswer, or NobodySignedIn.
    """
    if isinstance(error, NoAnswer):
        return _later(str(error), who, _NOTHING)
    if not isinstance(error, NotGiven):
        return SignInNeeded(
            f"Nobody has signed in to account {who.account} as the application {who.client_id} at {who.authority}.",
            not_done=_NOTHING,
            next_step=_login(who),
        )
    return _told(error.answer, who, _NOTHING)


def not_signed_in(error: Exception, who: Who) -> AccountUnavailable:
    """The same while a person signs in: nothing was stored."""
    if isinstance(error, NotGiven):
        return _told(error.answer, who, STAYS)
    return _later(str(error), who, STAYS)


def not_taken(who: Who) -> SignInNeeded:
    """Graph does not take an access token that is fresh."""
    return SignInNeeded(
        f"Microsoft does not take the sign-in of account {who.account} (401).",
        not_done=_NOTHING,
        next_step=_login(who),
    )


def bearer_not_taken(account: str) -> SignInNeeded:
    """Graph does not take a token that something else renews."""
    return SignInNeeded(
        f"Microsoft does not take the token of account {account}: it has ended, or is none for Graph.",
        not_done=_NOTHING,
        next_step="Put a new one into the environment variable that `auth` names, and start agendad again.",
    )


def meaning(answer: Mapping[str, Any], *, person: bool = True) -> Meaning:
    """What a refusal means, by its number, else by its name. `person`: who asked is no application of its own."""
    for number in _numbers(answer):
        if number in _NUMBERS:
            return _NUMBERS[number]
    if answer.get("suberror") == "consent_required":
        return _CONSENT
    name = str(answer.get("error") or "")
    if name == "invalid_client" and person:
        return _APP
    return _NAMES.get(name, _OTHER)


def _numbers(answer: Mapping[str, Any]) -> list[int]:
    codes = answer.get("error_codes")
    found = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    return found or [int(number) for number in _NUMBER.findall(str(answer.get("error_description") or ""))]


def _told(answer: Mapping[str, Any], who: Who, not_done: str) -> AccountUnavailable:
    means = meaning(answer, person=not who.secret)
    says = _says(answer)
    if means.later:
        return _later(says, who, not_done)
    if means.ended and (who.secret or not_done == STAYS):  # there was none to end
        means = _OTHER
    words = {
        "account": who.account,
        "client_id": who.client_id,
        "authority": who.authority,
        "secret": f"the environment variable {who.secret}" if who.secret else "its place",
        "says": says,
        "login": _login(who),
    }
    needed = SignInNeeded(means.happened.format(**words), not_done=not_done, next_step=means.fix.format(**words))
    needed.ended = means.ended
    return needed


def _says(answer: Mapping[str, Any]) -> str:
    """Microsoft's own words, without what is for Microsoft's support."""
    name = str(answer.get("error") or "no reason given")
    words = " ".join(str(answer.get("error_description") or "").partition("Trace ID:")[0].split()).rstrip(".")
    text = f"{name}: {words}" if words else name
    return text if len(text) <= 240 else f"{text[:240]}…"


def _later(what: str, who: Who, not_done: str) -> AccountUnavailable:
    return AccountUnavailable(
        f"Account {who.account}: Microsoft's sign-in service gave no answer that helps ({what}).",
        not_done=not_done,
        next_step="See whether this machine is online, and try again later."
        if not_done == STAYS
        else "It is tried again at the next pass; see whether this machine is online.",
    )


def _login(who: Who) -> str:
    return f"Type: agendad login {shlex.quote(who.account)}"
