"""A vendor's sign-in page: opened in a browser here, or anywhere else with the last address pasted.

Source: RFC 8252 (native apps, loopback redirect).
"""

import os
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, Queue
from socket import create_server
from sys import platform
from threading import Thread
from urllib.parse import urlsplit

from agendad.providers.errors import SignInNeeded
from agendad.providers.redirects import HOST, Denied, NotTheAddress, Redirects, code_in, parameters

PATIENCE = timedelta(minutes=5)
STAYS = "Nothing was stored; an earlier sign-in stays as it was."
AGAIN = "Sign in again."
_PASTES = 3

Tell = Callable[[str], None]
"""Shows a text to the person."""
Ask = Callable[[], str]
"""Waits for a line from the person; EOFError where there is none."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A sign-in page."""

    vendor: str
    address: Callable[[str, bool], tuple[str, str]]
    """Given the address that the browser is sent to at the end, and whether the answer is to be posted there: the
    page's address, and the state that comes back."""
    redirect: str = f"http://{HOST}:{{port}}/"
    """The address that the browser is sent to, as the vendor lets it be."""
    posted: bool = False
    """Whether a browser may post the answer there, rather than have it in the address."""


def answered(page: Page, *, open_browser: bool, tell: Tell, ask: Ask, patience: timedelta = PATIENCE) -> dict[str, str]:
    """Lead a person through a page; gives the parameters of its answer, a `code` or an `error` among them.

    Args:
        page: the vendor's.
        open_browser: open one here and wait for it; otherwise the address is shown, and the last page's pasted.
        tell: shows a text.
        ask: waits for a pasted line.
        patience: how long a browser is waited for.

    Raises:
        SignInNeeded: nobody finished it in time, or no address was pasted whole.
    """
    answer = _by_browser(page, tell, patience) if open_browser else _by_hand(page, tell, ask)
    if answer is None:
        tell("No browser could be opened here.")
        answer = _by_hand(page, tell, ask)
    return answer


def _by_browser(page: Page, tell: Tell, patience: timedelta) -> dict[str, str] | None:
    """The answer from a browser on this machine; None where none could be opened."""
    answers: Queue[dict[str, str] | None] = Queue()
    with Redirects(answers.put, vendor=page.vendor, redirect=page.redirect, posted=page.posted) as redirects:
        url, redirects.state = page.address(redirects.uri, page.posted)
        if not _may_have_a_browser():
            return None
        tell(
            f"A browser opens with {page.vendor}'s page. If it does not, open this address on this machine:"
            f"\n\n{url}\n\nWaiting for it (Ctrl-C to stop; --no-browser for a browser on another machine) …"
        )

        def open_it() -> None:
            if not webbrowser.open(url):
                answers.put(None)

        Thread(target=open_it, name="browser", daemon=True).start()  # some wait until the browser is closed
        try:
            return answers.get(timeout=patience.total_seconds())
        except Empty:
            minutes = int(patience.total_seconds() // 60)
            raise refused(f"Nobody finished the sign-in within {minutes} minutes.", AGAIN) from None


def _may_have_a_browser() -> bool:
    """False on a machine without a display: browsers for terminals cannot show such pages."""
    return platform == "darwin" or any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def _by_hand(page: Page, tell: Tell, ask: Ask) -> dict[str, str]:
    """The answer from an address that the person pastes."""
    with create_server((HOST, 0)) as unused:  # nobody listens there once it is closed
        redirect = page.redirect.format(port=unused.getsockname()[1])
    url, state = page.address(redirect, False)
    host = urlsplit(redirect).hostname
    tell(
        f"Open this address in a browser, on any machine:\n\n{url}\n\n"
        f"At the end the browser says that it cannot open a page of {host}. That is as it should be: copy the whole"
        " address of that page from the address bar, and paste it here."
    )
    for _ in range(_PASTES):
        try:
            return _whole(parameters(ask()), state)
        except EOFError:
            raise refused("No address was pasted.", "Type it in a terminal, and paste the address there.") from None
        except NotTheAddress as error:
            tell(f"{error} Copy all of the address bar, from http://{host} to the end, and paste it here.")
    raise refused(f"The address was not pasted whole, {_PASTES} times.", AGAIN)


def _whole(answer: dict[str, str], state: str) -> dict[str, str]:
    with suppress(Denied):  # the vendor's own module says what its no means
        code_in(answer, state)
    return answer


def refused(happened: str, next_step: str) -> SignInNeeded:
    """Nobody was signed in."""
    return SignInNeeded(happened, not_done=STAYS, next_step=next_step)
