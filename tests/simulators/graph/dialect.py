"""How Graph and the identity endpoints word an error that a test ordered."""

from collections.abc import Callable
from datetime import datetime

from simulators.loopback import Answer, Fault

from . import errors
from .errors import ApiError, IdentityError
from .identity import HOST

API = "/v1.0"
_WORDS = {
    400: ("ErrorInvalidRequest", "Your request can't be completed."),
    401: ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
    403: ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    404: ("ErrorItemNotFound", "The specified object was not found in the store."),
    409: ("ErrorConflict", "The request conflicts with the current state."),
    410: ("SyncStateNotFound", errors.sync_state_gone("SyncStateNotFound").message),
    412: ("ErrorIrresolvableConflict", errors.conflict().message),
    423: ("ErrorMailboxMoveInProgress", "Mailbox move in progress. Try again later."),
    429: ("TooManyRequests", "Too many requests."),
    500: ("ErrorInternalServerError", "An internal server error occurred. The operation failed."),
    502: ("UnknownError", ""),
    503: ("serviceNotAvailable", "The service is temporarily unavailable."),
    504: ("UnknownError", ""),
}
_MESSAGES = {
    "ApplicationThrottled": errors.mailbox_concurrency().message,
    "MailboxConcurrency": errors.mailbox_concurrency().message,
    "ErrorServerBusy": "The server cannot service this request right now. Try again later.",
    "ErrorInternalServerTransientError": "An internal server error occurred. Try again later.",
}
_NUMBERS = {
    "invalid_grant": (70008, "The refresh token has expired due to inactivity."),
    "interaction_required": (50076, "You must use multi-factor authentication to access the resource."),
    "consent_required": (65001, "The user or administrator has not consented to use the application."),
    "invalid_client": (7000215, "Invalid client secret provided."),
    "temporarily_unavailable": (90033, "A transient error has occurred. Please try again."),
}


class GraphDialect:
    prefix = API
    garbage = '{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(event)", "value": [{'
    content_type = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

    def __init__(self, now: Callable[[], datetime]):
        self._now = now

    def error(self, path: str, fault: Fault) -> Answer:
        if not path.startswith(API):
            return self.failure(self._identity_error(fault))
        code, message = _WORDS.get(fault.status, ("UnknownError", ""))
        code = fault.reason or code
        headers = errors.invalid_token("").headers if fault.status == 401 else None
        return self.failure(ApiError(fault.status, code, _MESSAGES.get(code, message), headers))

    def failure(self, error: ApiError | IdentityError, client_request_id: str | None = None) -> Answer:
        if isinstance(error, IdentityError):
            return Answer(error.status, error.body(self._now()), {"Content-Type": "application/json; charset=utf-8"})
        body = error.body(self._now(), client_request_id)
        inner = body["error"]["innerError"]
        named = {name: inner[name] for name in ("request-id", "client-request-id")}
        return Answer(error.status, body, {**named, **error.headers})

    @staticmethod
    def _identity_error(fault: Fault) -> IdentityError:
        reason = fault.reason or ("invalid_grant" if fault.status == 400 else "temporarily_unavailable")
        number, text = _NUMBERS.get(reason, (50000, f"There was an error issuing a token. See {HOST}/error."))
        return IdentityError(reason, number, text, status=fault.status)
