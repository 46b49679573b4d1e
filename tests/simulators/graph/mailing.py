"""sendMail, in JSON and in MIME form, and the look-up of a message by its internetMessageId."""

import base64
import binascii
import email
import email.policy
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import getaddresses
from typing import cast

from . import ids, models, text, times
from .calls import Call
from .errors import ApiError, Refused
from .ledger import Mail
from .listing import equals, number
from .store import Fields, Person, Store, same
from .switches import Switches
from .views import selected

MOST_HEADERS = 5


@dataclass
class _Outgoing:
    subject: str
    document: str
    """As HTML."""
    body: str
    """As text."""
    recipients: list[str]
    sender: list[str]
    message_id: str | None
    mime: str | None = None


class Post:
    def __init__(
        self, store: Store, switches: Callable[[], Switches], mails: list[Mail], delay: Callable[[], timedelta]
    ):
        self.store, self._switches, self._mails, self._delay = store, switches, mails, delay

    def send(self, call: Call) -> None:
        outgoing, saved = self._of_mime(call.body) if isinstance(call.body, str) else self._of_json(call.body)
        if not outgoing.recipients:
            raise ApiError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        if any(not same(each, call.mailbox.email) for each in outgoing.sender):
            message = "The user account which was used to submit this request does not have the right to send mail on "
            raise ApiError(403, "ErrorSendAsDenied", message + "behalf of the specified sending account.")
        own = f"<{secrets.token_hex(20).upper()}@simulated.prod.outlook.example>"
        kept = outgoing.message_id if self._switches().message_id_kept else None
        self._deliver(call.mailbox, outgoing, kept or own, saved=saved)

    def look_up(self, call: Call) -> Fields:
        """All folders are searched; a copy in Sent Items is there when the message has gone out."""
        wanted = equals(call.query.get("$filter", ""), "internetMessageId")
        size = number(call, "$top", 10, 1000)
        found = [
            each["message"]
            for each in call.mailbox.messages
            if each["message"]["internetMessageId"] == wanted and each["there"] <= self.store.now()
        ]
        values = [selected(each, call) for each in found[:size]]
        return {"@odata.context": f"$metadata#users('{call.mailbox.oid}')/messages", "value": values}

    def _deliver(self, sender: Person, outgoing: _Outgoing, message_id: str, *, saved: bool) -> None:
        sent = self.store.now()
        if saved:
            self._keep(sender, sender, outgoing, message_id, "sentitems", sent + self._delay())
        for address in dict.fromkeys(outgoing.recipients):
            person = self.store.person(address)
            if person:
                self._keep(person, sender, outgoing, message_id, "inbox", sent)
            self._mails.append(
                Mail(
                    kind="message",
                    to=address,
                    event_id="",
                    ical_uid="",
                    original_start=None,
                    text=outgoing.body,
                    by=sender.email,
                    summary=outgoing.subject,
                    message_id=message_id,
                    mime=outgoing.mime,
                )
            )

    def _keep(
        self, owner: Person, sender: Person, outgoing: _Outgoing, message_id: str, folder: str, there: object
    ) -> None:
        key = ids.change_key(owner.guid, len(owner.messages) + 1)
        message = {
            "@odata.etag": ids.etag(key),
            "id": ids.item_id(owner.guid, 1, 2**40 + len(owner.messages), None, immutable=True),
            "createdDateTime": times.stamp(self.store.now()),
            "receivedDateTime": times.stamp(self.store.now()),
            "sentDateTime": times.stamp(self.store.now()),
            "changeKey": key,
            "internetMessageId": message_id,
            "subject": outgoing.subject,
            "bodyPreview": text.preview(outgoing.document),
            "parentFolderId": folder,
            "isDraft": False,
            "body": {"contentType": "html", "content": outgoing.document},
            "from": {"emailAddress": sender.recipient},
            "sender": {"emailAddress": sender.recipient},
            "toRecipients": [{"emailAddress": {"address": each, "name": each}} for each in outgoing.recipients],
        }
        owner.messages.append({"message": message, "there": there})

    def _of_json(self, body: object) -> tuple[_Outgoing, bool]:
        given, found = models.action_body("sendMailBody", body)
        message = given.get("message")
        if found or not message:
            raise Refused("; ".join(found) or "a message is required", code="RequestBodyRead")
        headers = message.get("internetMessageHeaders") or []
        for each in headers:
            if not (each.get("name") or "").lower().startswith("x-"):
                error = f"The internet message header name '{each.get('name')}' should start with 'x-' or 'X-'."
                raise ApiError(400, "InvalidInternetMessageHeader", error)
        if len(headers) > MOST_HEADERS:
            raise ApiError(400, "InvalidInternetMessageHeaderCollection", "Maximum number of headers exceeded.")
        written = models.settled("message", message)
        content = written.get("body") or {}
        document = text.stored(content.get("content") or "", content.get("contentType") or "text")
        fields = ("toRecipients", "ccRecipients", "bccRecipients")
        return _Outgoing(
            subject=written.get("subject") or "",
            document=document,
            body=text.plain(document),
            recipients=[_address(each) for name in fields for each in written.get(name) or []],
            sender=[_address(written[name]) for name in ("from", "sender") if written.get(name)],
            message_id=written.get("internetMessageId"),
        ), given.get("saveToSentItems") is not False

    @staticmethod
    def _of_mime(body: str) -> tuple[_Outgoing, bool]:
        try:
            raw = base64.b64decode("".join(body.split()), validate=True)
        except (ValueError, binascii.Error) as fault:
            message = "Invalid base64 string for MIME content."
            raise Refused(message, code="ErrorMimeContentInvalidBase64String") from fault
        parsed = cast("EmailMessage", email.message_from_bytes(raw, policy=email.policy.default))
        html, plain = parsed.get_body(("html",)), parsed.get_body(("plain",))
        content = str(plain.get_content()) if plain else text.plain(str(html.get_content())) if html else ""
        recipients = getaddresses([str(each) for name in ("to", "cc", "bcc") for each in parsed.get_all(name, [])])
        return _Outgoing(
            subject=str(parsed["subject"] or ""),
            document=str(html.get_content()) if html else text.stored(content, "text"),
            body=content,
            recipients=[address for _, address in recipients if address],
            sender=[address for _, address in getaddresses([str(each) for each in parsed.get_all("from", [])])],
            message_id=str(parsed["message-id"]).strip() if parsed["message-id"] else None,
            mime=raw.decode("utf-8", "replace"),
        ), True


def _address(recipient: Fields) -> str:
    address = (recipient.get("emailAddress") or {}).get("address") or ""
    if "@" not in address:
        raise ApiError(400, "ErrorInvalidRecipients", f"At least one recipient isn't valid: {address!r}")
    return str(address)
