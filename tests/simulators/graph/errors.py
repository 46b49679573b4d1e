"""Graph's and the identity endpoints' error answers.

Graph: "Microsoft Graph error responses and resource types". A client keys on the code alone: messages change.
Identity: RFC 6749's shape with AADSTS numbers, as "Authentication and authorization error codes" shows it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any


class ApiError(Exception):
    """An answer other than success; `headers` go out with it."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def body(self, now: datetime, client_request_id: str | None = None) -> dict[str, Any]:
        request_id = str(uuid.uuid4())
        inner = {
            "date": f"{now:%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": client_request_id or request_id,
        }
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}


class Refused(ApiError):
    """The request breaks the published contract: the client has a fault, so it is noted as a violation too."""

    def __init__(self, message: str, code: str = "BadRequest", status: int = 400):
        super().__init__(status, code, message)


class IdentityError(Exception):
    """An answer of the identity endpoints."""

    def __init__(self, error: str, number: int, text: str, *, status: int = 400, suberror: str | None = None):
        super().__init__(f"{status} {error}: AADSTS{number}: {text}")
        self.error, self.number, self.text, self.status, self.suberror = error, number, text, status, suberror

    def body(self, now: datetime) -> dict[str, Any]:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = f"{now:%Y-%m-%d %H:%M:%S}Z"
        described = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
        )
        return {
            "error": self.error,
            "error_description": described,
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.simulated.example/error?code={self.number}",
            **({"suberror": self.suberror} if self.suberror else {}),
        }


class RefusedSignIn(IdentityError):
    """A sign-in request that no correct client makes; it is noted as a violation too."""


def item_not_found() -> ApiError:
    """Also for what was deleted, cancelled, or has its id from another mailbox."""
    return ApiError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def id_malformed() -> ApiError:
    return ApiError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def conflict() -> ApiError:
    """Happens by itself too, without an If-Match."""
    message = (
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item."
    )
    return ApiError(412, "ErrorIrresolvableConflict", message)


def access_denied() -> ApiError:
    return ApiError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def request_denied() -> ApiError:
    """The directory's own wording, where not Exchange answers."""
    message = "Insufficient privileges to complete the operation."
    return ApiError(403, "Authorization_RequestDenied", message)


def invalid_token(message: str) -> ApiError:
    challenge = (
        'Bearer realm="", authorization_uri="https://login.simulated.example/common/oauth2/authorize", '
        'client_id="00000003-0000-0000-c000-000000000000"'
    )
    return ApiError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": challenge})


def sync_state_gone(code: str) -> ApiError:
    """The whole view is to be read again; the code's casing varies."""
    messages = {"resyncRequired": "Resync required. Replace any local items with the server's version."}
    message = messages.get(code, "The sync state generation is not found; generation=149;[highest=157][157][155][156].")
    return ApiError(410, code, message)


def time_zone_not_supported(name: str) -> ApiError:
    message = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
    return ApiError(400, "TimeZoneNotSupportedException", message)


def mailbox_concurrency() -> ApiError:
    message = "Application is over its MailboxConcurrency limit."
    return ApiError(429, "ApplicationThrottled", message, headers={"Retry-After": "1"})


def not_organizer() -> ApiError:
    message = "Your request can't be completed. You need to be an organizer to cancel a meeting."
    return ApiError(400, "ErrorInvalidRequest", message)


def own_meeting() -> ApiError:
    message = "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer."
    return ApiError(400, "ErrorInvalidRequest", message)


def no_response_requested() -> ApiError:
    message = "Your request can't be completed. The meeting organizer hasn't requested a response."
    return ApiError(400, "ErrorInvalidRequest", message)


def crossing_boundary() -> ApiError:
    message = "Modified occurrence is crossing or overlapping adjacent occurrence."
    return ApiError(400, "ErrorOccurrenceCrossingBoundary", message)


def property_failed(message: str) -> Refused:
    return Refused(message, code="ErrorPropertyValidationFailure")
