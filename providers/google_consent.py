"""Google's consent page: a person allows agendad to use their calendars, once.

Sources: https://developers.google.com/identity/protocols/oauth2/native-app and RFC 8252 (loopback redirect, PKCE).
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2 import MissingTokenError, OAuth2Error
from requests.adapters import HTTPAdapter

from agendad.providers.bounded import MAX_SIGN_IN, TIMES, TooLarge, Unpackable, unpacked
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.google_signin import (
    SCOPES,
    GoogleToken,
    check_token_uri,
    missing_scopes,
    read_credential_file,
    wrong_file,
)
from agendad.providers.sign_in_pages import AGAIN, PATIENCE, STAYS, Ask, Page, Tell, answered, refused

_ANSWERS_WITHIN = 30  # seconds, of the token endpoint
_AT_ONCE = 64 * 1024
_DESKTOP_APP = "In the Google Cloud console make an OAuth client of the type `Desktop app`, and download its file."


@dataclass(frozen=True, slots=True)
class _Client:
    """What is known of the program at Google: an OAuth client for installed applications."""

    content: Mapping[str, Any] = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    token_uri: str
    plain_http: bool
    """To this machine only: a simulator."""


def consent(
    client_secrets: Path,
    scopes: Sequence[str],
    *,
    open_browser: bool,
    tell: Tell,
    ask: Ask,
    now: Callable[[], datetime],
    patience: timedelta = PATIENCE,
) -> GoogleToken:
    """Lead a person through Google's consent page.

    Args:
        client_secrets: the OAuth client's file, as downloaded.
        scopes: what is asked for; all of it must be granted.
        open_browser: open one here and wait for it; otherwise the address is shown, and the last page's pasted.
        tell: shows a text.
        ask: waits for a pasted line.
        now: aware UTC.
        patience: how long a browser is waited for.

    Raises:
        CredentialFileWrong: the file is missing, damaged or of another kind.
        SignInNeeded: it was not allowed, not all of it, not in time, or not by this client. Nothing is kept.
        AccountUnavailable: Google could not be reached.
    """
    client = _client(client_secrets)
    flow = InstalledAppFlow.from_client_config(client.content, scopes=list(scopes))
    page = Page(vendor="Google", address=lambda redirect_uri, _posted: _address(flow, client, redirect_uri))
    came = answered(page, open_browser=open_browser, tell=tell, ask=ask, patience=patience)
    answer = _exchanged(flow, client, _code(came))
    return _token(answer, client, scopes, now())


def _client(file: Path) -> _Client:
    content = read_credential_file(file)
    if content.get("type") == "service_account":
        fix = f"For that, write: auth: {{method: service-account, key_file: {file.name}}}. {_DESKTOP_APP}"
        raise wrong_file(file, "is a service account's key and no OAuth client", fix)
    if "web" in content:
        raise wrong_file(file, "is an OAuth client for a web site", _DESKTOP_APP)
    known = content.get("installed")
    names = ("client_id", "client_secret", "auth_uri", "token_uri")
    if not isinstance(known, dict) or not all(isinstance(known.get(name), str) and known[name] for name in names):
        raise wrong_file(file, "is no OAuth client's file", _DESKTOP_APP)
    check_token_uri(known["token_uri"], str(file))
    check_token_uri(known["auth_uri"], str(file))
    plain = any(urlsplit(known[name]).scheme == "http" for name in ("auth_uri", "token_uri"))
    return _Client({"installed": known}, known["client_id"], known["client_secret"], known["token_uri"], plain)


def _address(flow: InstalledAppFlow, client: _Client, redirect_uri: str) -> tuple[str, str]:
    """The address of Google's page, and the state that it sends back. PKCE (S256) is the flow's own."""
    flow.redirect_uri = redirect_uri
    with _oauthlib_allows(client):
        url, state = flow.authorization_url(access_type="offline", prompt="consent", include_granted_scopes="true")
    return str(url), str(state)


def _code(answer: Mapping[str, str]) -> str:
    no = answer.get("error")
    if not no:
        return answer["code"]
    if no == "access_denied":
        raise refused("The permission was not given.", f"{AGAIN[:-1]}, and allow it on Google's page.")
    raise refused(f"Google refused the sign-in ({no}).", "See the OAuth client in the Google Cloud console.")


def _exchanged(flow: InstalledAppFlow, client: _Client, code: str) -> Mapping[str, Any]:
    """Google's answer to the code: the tokens."""
    session = flow.oauth2session
    session.trust_env = not client.plain_http  # no proxy is on the way to this machine
    session.register_compliance_hook("access_token_response", _answered)
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Bounded())
    try:
        with _oauthlib_allows(client):
            answer = flow.fetch_token(code=code, include_client_id=True, timeout=_ANSWERS_WITHIN)
    except MissingTokenError:
        raise _unreachable("its answer holds no token") from None
    except OAuth2Error as error:
        raise _not_exchanged(str(error.error), str(error.description or "")) from None  # it may hold the request
    except (TooLarge, Unpackable) as error:
        raise _unreachable(str(error)) from error
    except OSError as error:  # what requests raises
        raise _unreachable(type(error).__name__) from error
    except (ValueError, TypeError, AttributeError):
        raise _unreachable("its answer cannot be read") from None
    finally:
        session.close()
    return dict(answer)


class _Bounded(HTTPAdapter):
    """Answers that are read up to a size."""

    def send(self, request: Any, **more: Any) -> Any:  # type: ignore[override]  # whatever requests gives
        answer = super().send(request, **{**more, "stream": True})
        with closing(answer.raw):
            parts = answer.raw.stream(_AT_ONCE, decode_content=False)
            packed = answer.headers.pop("Content-Encoding", "")
            content = unpacked(parts, packed, MAX_SIGN_IN, TIMES * _ANSWERS_WITHIN)
        answer.raw = BytesIO(content)
        return answer


def _answered(response: Any) -> Any:  # requests.Response
    if response.status_code >= 500:
        raise _unreachable(f"it answered {response.status_code}")
    return response


def _unreachable(what: str) -> AccountUnavailable:
    return AccountUnavailable(
        f"Google's sign-in service gave no answer that helps ({what}).",
        not_done=STAYS,
        next_step=f"{AGAIN[:-1]} later.",
    )


def _not_exchanged(code: str, words: str) -> SignInNeeded:
    says = f"{code}: {words}" if words else code
    if code == "invalid_grant":
        return refused(f"Google does not take the code ({says}): it is used, too old, or not whole.", AGAIN)
    if code in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client"):
        fix = "Download the file of the OAuth client again from the Google Cloud console; it must be a `Desktop app`."
        return refused(f"Google does not know the OAuth client in the file, or not its secret ({says}).", fix)
    return refused(f"Google refused the sign-in ({says}).", AGAIN)


def _token(answer: Mapping[str, Any], client: _Client, scopes: Sequence[str], now: datetime) -> GoogleToken:
    told = answer.get("scope") or scopes  # RFC 6749 §5.1: left out where it is what was asked for
    granted = told.split() if isinstance(told, str) else [one for one in _listed(told) if isinstance(one, str)]
    if missing := missing_scopes(granted, scopes):
        boxes = "; ".join(f"“{SCOPES.get(scope, scope)}”" for scope in missing)
        fix = f"{AGAIN[:-1]}, and tick every box."
        raise refused(f"Not all that agendad needs was allowed. Missing: {boxes}.", fix)
    if not answer.get("refresh_token"):
        fix = "Remove agendad at https://myaccount.google.com/connections, and sign in again."
        raise refused("Google gave a sign-in that ends within the hour (no refresh token).", fix)
    return GoogleToken(
        refresh_token=str(answer["refresh_token"]),
        access_token=str(answer["access_token"]),
        expiry=_after(now, answer.get("expires_in")),
        scopes=tuple(granted),
        client_id=client.client_id,
        client_secret=client.client_secret,
        token_uri=client.token_uri,
        obtained_at=now,
        refresh_expires_at=_after(now, answer.get("refresh_token_expires_in")),
    )


def _after(now: datetime, seconds: Any) -> datetime | None:  # JSON
    """So many seconds from now; None where that is no time, which is found out when it has come."""
    try:
        return now + timedelta(seconds=float(seconds)) if seconds else None
    except (TypeError, ValueError, OverflowError):
        return None


def _listed(told: Any) -> Sequence[Any]:  # JSON
    return told if isinstance(told, list | tuple) else ()


@contextmanager
def _oauthlib_allows(client: _Client) -> Iterator[None]:
    """What oauthlib takes from the environment only: that fewer or more boxes were ticked, and http to this machine."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1", **({"OAUTHLIB_INSECURE_TRANSPORT": "1"} if client.plain_http else {})}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
