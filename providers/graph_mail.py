"""Mail through Microsoft Graph: the message as it is (MIME), so that it keeps its Message-ID, headers and parts.

Source: https://learn.microsoft.com/graph/outlook-send-mime-message.
"""

from base64 import b64encode
from collections.abc import Callable

import httpx

from agendad.providers import bounded
from agendad.providers.account_mail import Post, PostRefused
from agendad.providers.graph_api import GraphApi, Refusal
from agendad.providers.pacing import Throttled, Unsure
from agendad.providers.remote import overlong

_NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
"""No byte of the request has left."""
_BUSY = frozenset({"servicenotavailable", "serviceunavailable", "errorserverbusy"})
_NO_RIGHT = "Sign in anew with `agendad login`, which asks for the right; an application has it from an administrator."
_FIXES = {
    "ErrorSendAsDenied": "Set `mail.from` to an address that the account may send from.",
    "ErrorInvalidRecipients": "Check the addresses.",
    "ErrorMessageSubmissionBlocked": "Microsoft lets this mailbox send nothing for now; look at it in Outlook.",
}


class GraphPost(GraphApi, Post):
    """One mailbox's way to send."""

    @property
    def place(self) -> str:
        return f"Microsoft, through account {self.account},"

    def deliver(self, content: bytes) -> None:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "text/plain"}
        address = self._address(f"{self.mailbox}/sendMail")
        try:
            with self._gate:
                answer = bounded.request(
                    self._http(), "POST", address, most=self._max_answer, content=b64encode(content), headers=headers
                )
        except _NOT_BEGUN as error:
            raise Throttled(f"{self._host} cannot be reached ({type(error).__name__}).") from error
        except bounded.TooLarge as error:
            raise overlong(self._host, error) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unsure(f"{self._host} gave no answer that can be read ({type(error).__name__}).") from error
        finally:
            self.close()  # a connection that was kept may be none any more the next time: an answer that seems lost
        if answer.status_code == 202:
            return
        if answer.is_success or answer.is_redirect:
            raise Unsure(f"{self._host} answered with something else than was asked for ({answer.status_code}).")
        raise self._meaning(answer, self._mail_refused)

    def look_up(self, message_id: str) -> bool:
        quoted = message_id.replace("'", "''")
        parameters = {"$filter": f"internetMessageId eq '{quoted}'", "$select": "id,isDraft", "$top": "5"}
        try:
            answer = self._read("GET", f"{self.mailbox}/messages", parameters, refused=self._mail_refused, lists=True)
        finally:
            self.close()
        return any(not one.get("isDraft") for one in answer["value"])

    def _meaning(self, answer: httpx.Response, refused: Callable[[Refusal], Exception]) -> Exception:
        found = super()._meaning(answer, refused)
        if isinstance(found, Unsure) and answer.status_code == 503 and (found.after is not None or _is_busy(answer)):
            return Throttled(found.happened, found.after)  # it says itself that it did nothing
        return found

    def _mail_refused(self, no: Refusal) -> Exception:
        fix = _NO_RIGHT if no.status == 403 else "Look at the account in Outlook (docs/outlook.md)."
        happened = f"Microsoft refused mail through account {self.account}: {no}."
        return PostRefused(happened, _FIXES.get(no.code, fix))


def _is_busy(answer: httpx.Response) -> bool:
    try:
        return str(answer.json()["error"]["code"]).casefold() in _BUSY
    except (ValueError, LookupError, TypeError):
        return False
