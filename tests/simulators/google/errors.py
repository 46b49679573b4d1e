"""Google's error answers.

The shape is that of "Handle API errors" in Google's guide: a list of errors with domain, reason and message,
then code and message once more.
"""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than success; `headers` go out with it."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ):
        """`location` is locationType and location; `extra` joins the outer object (status, details)."""
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason, self.message, self.domain = status, reason, message, domain
        self.location, self.headers, self.extra = location, dict(headers or {}), dict(extra or {})

    def body(self) -> dict[str, Any]:
        entry = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            entry["locationType"], entry["location"] = self.location
        return {"error": {"errors": [entry], "code": self.status, "message": self.message, **self.extra}}


class Refused(ApiError):
    """The request breaks the published contract: the client has a fault, so it is noted as a violation too."""

    def __init__(self, message: str, *, reason: str = "invalid", parameter: str | None = None, domain: str = "global"):
        location = ("parameter", parameter) if parameter else None
        super().__init__(400, reason, message, domain=domain, location=location)


class OAuthError(Exception):
    """An answer of the token endpoint, in the shape of RFC 6749."""

    def __init__(self, status: int, error: str, description: str):
        super().__init__(f"{status} {error}: {description}")
        self.status, self.error, self.description = status, error, description

    def body(self) -> dict[str, Any]:
        return {"error": self.error, "error_description": self.description}


def not_found() -> ApiError:
    return ApiError(404, "notFound", "Not Found")


def deleted() -> ApiError:
    """Also the answer to a second DELETE: it means already done, not that a resync is due."""
    return ApiError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> ApiError:
    message = "Sync token is no longer valid, a full sync is required."
    return ApiError(410, "fullSyncRequired", message, domain="calendar", location=("parameter", "syncToken"))


def updated_min_too_long_ago() -> ApiError:
    message = "The requested minimum modification time lies too far in the past."
    return ApiError(410, "updatedMinTooLongAgo", message, domain="calendar", location=("parameter", "updatedMin"))


def condition_not_met() -> ApiError:
    return ApiError(412, "conditionNotMet", "Precondition Failed", location=("header", "If-Match"))


def forbidden_for_non_organizer() -> ApiError:
    message = "Shared properties can only be changed by the organizer of the event."
    return ApiError(403, "forbiddenForNonOrganizer", message, domain="calendar")


def forbidden_for_service_accounts() -> ApiError:
    message = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
    return ApiError(403, "forbiddenForServiceAccounts", message, domain="calendar")


def required_access_level(role: str) -> ApiError:
    message = f"You need to have {role} access to this calendar."
    return ApiError(403, "requiredAccessLevel", message, domain="calendar")


def invalid_credentials() -> ApiError:
    return ApiError(
        401,
        "authError",
        "Invalid Credentials",
        location=("header", "Authorization"),
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def insufficient_scopes(method: str, scopes: list[str]) -> ApiError:
    """The body that Google sends when the token lacks every scope of the method."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", "method": method},
    }
    challenge = f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{" ".join(scopes)}"'
    return ApiError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        headers={"WWW-Authenticate": challenge},
        extra={"status": "PERMISSION_DENIED", "details": [info]},
    )
