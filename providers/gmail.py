"""Mail through Gmail's API, with Google's own client.

Source: https://developers.google.com/workspace/gmail/api/guides/sending.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httplib2
import httpx
from google.auth.exceptions import GoogleAuthError, TransportError
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from agendad.providers import bounded
from agendad.providers.account_mail import Post, PostRefused
from agendad.providers.google_api import GoogleApi, Refusal
from agendad.providers.hosts import on_this_machine
from agendad.providers.pacing import Throttled, Unsure
from agendad.providers.remote import overlong

_NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
"""No byte of the request has left."""
_FIXES = {
    "accessNotConfigured": "Enable the Gmail API in the project of your OAuth client (docs/google.md).",
    "failedPrecondition": "The account must have a Gmail mailbox.",
    "invalidArgument": "Check the addresses, and `mail.from`.",
}


class GmailPost(GoogleApi, Post):
    """One mailbox's way to send. `root` is what comes before `/gmail/v1`."""

    @property
    def place(self) -> str:
        return f"Gmail, through account {self.account},"

    def deliver(self, content: bytes) -> None:
        raw = urlsafe_b64encode(content).decode()
        answer = self._asked(lambda api: api.users().messages().send(userId="me", body={"raw": raw}))
        if not answer.get("id"):
            raise Unsure(f"{self._host} answered with something else than was asked for.")

    def look_up(self, message_id: str) -> bool:
        query = f"rfc822msgid:{message_id.strip('<>')}"
        answer = self.pace.persist(
            lambda: self._asked(
                lambda api: api.users().messages().list(userId="me", q=query, includeSpamTrash=True, maxResults=1)
            )
        )
        if "messages" not in answer and "resultSizeEstimate" not in answer:
            raise Unsure(f"{self._host} answered with something else than was asked for.")
        return bool(answer.get("messages"))

    def _asked(self, request: Callable[[Any], HttpRequest]) -> Mapping[str, Any]:
        """One request, and what its answer means."""
        self.look_for_sign_in()
        made = request(self._client())
        made.add_response_callback(self._look_at_clock)
        try:
            answer = made.execute(num_retries=0)
        except HttpError as error:
            raise self._meaning(error, self._mail_refused) from error
        except GoogleAuthError as error:
            if isinstance(error, TransportError) or error.retryable:  # before the request itself was sent
                raise Throttled(f"signing in did not get through ({type(error).__name__}).") from error
            raise self._why_refused(error) from error
        except (OSError, ValueError, TypeError, AttributeError, LookupError) as error:  # read without care
            raise Unsure(f"{self._host} gave no answer that can be read ({type(error).__name__}).") from error
        return answer if isinstance(answer, dict) else {}

    def _client(self) -> Any:  # its methods are made from the discovery document
        """Google's client for Gmail, made anew for each request: it keeps no connection that may be none any more."""
        signed_in = self._signed_in or (self._sign_in(), self._credentials())
        self._signed_in = signed_in
        transport = AuthorizedHttp(signed_in[1], http=_Once(self.root, self._timeout, self._max_answer))
        return build(
            "gmail",
            "v1",
            http=transport,
            client_options={"api_endpoint": f"{self.root}/"},
            cache_discovery=False,
            static_discovery=True,
        )

    def _meaning(self, error: HttpError, refused: Callable[[Refusal], Exception]) -> Exception:
        found = super()._meaning(error, refused)
        if isinstance(found, Unsure) and error.status_code == 503 and found.after is not None:
            return Throttled(found.happened, found.after)  # it says itself that it did nothing
        return found

    def _mail_refused(self, no: Refusal) -> Exception:
        return PostRefused(
            f"Gmail refused mail through account {self.account}: {no}.",
            _FIXES.get(no.reason, "Look at the account in Gmail; `agendad login` signs in anew (docs/google.md)."),
        )


class _Once:
    """What Google's client talks through here: each request once, over a connection of its own.

    httplib2 repeats a request by itself when a connection was closed quietly, which would send a message twice.
    """

    def __init__(self, root: str, timeout: float, most: int) -> None:
        self._root, self._timeout, self._most = root, timeout, most

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_more: Any,  # httplib2's interface
    ) -> tuple[httplib2.Response, bytes]:
        """Send it.

        Raises:
            Throttled: no byte of it has left.
            Unsure: the answer has no end.
            OSError: there is no answer.
            httplib2.HttpLib2Error: there is none to a request for a token, before the message itself was sent.
        """
        direct = on_this_machine(urlsplit(uri).hostname or "")
        try:
            with httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=not direct) as client:
                kept = {name: value for name, value in (headers or {}).items() if name.lower() != "accept-encoding"}
                answer = bounded.request(client, method, uri, most=self._most, content=body, headers=kept)
        except bounded.TooLarge as error:
            if not uri.startswith(f"{self._root}/gmail/"):
                raise httplib2.HttpLib2Error(str(error)) from error
            raise overlong(urlsplit(uri).hostname or uri, error) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            what = type(error).__name__
            if not uri.startswith(f"{self._root}/gmail/"):
                raise httplib2.HttpLib2Error(what) from error
            if isinstance(error, _NOT_BEGUN):
                raise Throttled(f"{urlsplit(uri).hostname} cannot be reached ({what}).") from error
            raise OSError(what) from error
        return httplib2.Response({**answer.headers, "status": str(answer.status_code)}), answer.content

    def close(self) -> None:
        """Nothing is kept open."""
