"""A person allows agendad to use their Outlook calendars, once: with a code for any device, or in a browser.

Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code and .../v2-oauth2-auth-code-flow.
"""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from agendad.providers.graph_http import NoAnswer, NotGiven
from agendad.providers.graph_refusals import TO_IT, Who, not_signed_in
from agendad.providers.graph_signin import (
    RESERVED,
    MicrosoftToken,
    Person,
    Registration,
    access_in,
    asking,
    missing_scopes,
)
from agendad.providers.sign_in_pages import AGAIN, PATIENCE, Ask, Page, Tell, answered, refused

_PENDING = frozenset({"authorization_pending", "slow_down"})


def by_device_code(
    registration: Registration,
    scopes: Sequence[str],
    who: Who,
    *,
    tell: Tell,
    now: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
) -> MicrosoftToken:
    """Show a code, and wait until a person has entered it in a browser anywhere.

    Args:
        registration: the program, as Microsoft knows it.
        scopes: what is asked for, by short names; all of it must be granted.
        who: what messages name.
        tell: shows a text.
        now: aware UTC.
        sleep: waits for seconds.

    Raises:
        SignInNeeded: it was not allowed, not all of it, or not in time. Nothing is kept.
        AccountUnavailable: Microsoft could not be reached.
    """
    person = Person(registration)
    try:
        app = person.app
        with asking():
            flow = app.initiate_device_flow([registration.scope(name) for name in scopes])
            if flow.get("error"):
                raise NotGiven(flow)  # noqa: TRY301 - one place says what it means
            flow["interval"] = max(1, flow["interval"])
            address, code, minutes = flow["verification_uri"], flow["user_code"], int(flow["expires_in"]) // 60
        tell(
            f"On any device, open\n\n    {address}\n\nenter the code\n\n    {code}\n\nand sign in with the account"
            f" whose calendar it is. Waiting for it, {minutes} minutes at most (Ctrl-C to stop) …"
        )
        answer = _polled(app, flow, sleep)
    except (NoAnswer, NotGiven) as error:
        raise not_signed_in(error, who) from None  # it may hold the request
    return _token(person, answer, scopes, now())


def _polled(app: Any, flow: dict[str, Any], sleep: Callable[[float], None]) -> Mapping[str, Any]:
    """Ask until there is an answer. What goes wrong on the way does not end it before the code does."""
    waited, patience = 0.0, float(flow["expires_in"])
    while True:
        try:
            with asking():
                answer = app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)
        except NoAnswer:
            if waited > patience:
                raise
        else:
            if waited > patience or answer.get("error") not in _PENDING:
                access_in(answer)
                return dict(answer)
        pause = float(flow["interval"])
        sleep(pause)
        waited += pause


def in_browser(
    registration: Registration,
    scopes: Sequence[str],
    who: Who,
    *,
    open_browser: bool,
    tell: Tell,
    ask: Ask,
    now: Callable[[], datetime],
    patience: timedelta = PATIENCE,
) -> MicrosoftToken:
    """Lead a person through Microsoft's page (authorization code with PKCE).

    Args:
        registration: the program, as Microsoft knows it.
        scopes: what is asked for, by short names; all of it must be granted.
        who: what messages name.
        open_browser: open one here and wait for it; otherwise the address is shown, and the last page's pasted.
        tell: shows a text.
        ask: waits for a pasted line.
        now: aware UTC.
        patience: how long a browser is waited for.

    Raises:
        SignInNeeded: it was not allowed, not all of it, or not in time. Nothing is kept.
        AccountUnavailable: Microsoft could not be reached.
    """
    person, flows = Person(registration), list[dict[str, Any]]()

    def address(redirect_uri: str, posted: bool) -> tuple[str, str]:
        with asking(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of msal's, that a posted answer is better: one cannot be pasted
            flow = person.app.initiate_auth_code_flow(
                [registration.scope(name) for name in scopes],
                redirect_uri=redirect_uri,
                prompt="select_account",
                response_mode="form_post" if posted else "query",
            )
            flows.append(flow)
            return person.client.address(flow["auth_uri"]), str(flow["state"])

    # Microsoft lets an app be registered with http://localhost, and then with any port; not with 127.0.0.1.
    page = Page(vendor="Microsoft", address=address, redirect="http://localhost:{port}", posted=True)
    try:
        came = answered(page, open_browser=open_browser, tell=tell, ask=ask, patience=patience)
        with asking():
            answer = person.app.acquire_token_by_auth_code_flow(flows[-1], came)
        access_in(answer)
    except (NoAnswer, NotGiven) as error:
        raise not_signed_in(error, who) from None
    return _token(person, answer, scopes, now())


def _token(person: Person, answer: Mapping[str, Any], scopes: Sequence[str], now: datetime) -> MicrosoftToken:
    registration = person.registration
    told = str(answer.get("scope") or "").split()  # RFC 6749 §5.1: left out where it is what was asked for
    granted = tuple(dict.fromkeys(registration.short(scope) for scope in told)) or tuple(scopes)
    if missing := missing_scopes(granted, scopes):
        raise refused(f"Not all that agendad needs was allowed. Missing: {', '.join(missing)}.", f"{AGAIN} {TO_IT}")
    if not person.renewable():
        raise refused(
            "Microsoft gave a sign-in that ends within the hour (no refresh token).",
            "In the Entra admin center, under API permissions, add offline_access, and sign in again.",
        )
    claims = answer.get("id_token_claims")
    address = claims.get("preferred_username") if isinstance(claims, dict) else None
    return MicrosoftToken(
        cache=person.cache(),
        scopes=tuple(scope for scope in granted if scope not in RESERVED),
        client_id=registration.client_id,
        authority=registration.authority,
        obtained_at=now,
        address=str(address) if address else None,
    )
