"""Trouble on the way: what the tests may order for coming requests."""

import re
import threading
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ApiError, OAuthError

Kind = (
    int
    | Literal[
        "reset",
        "close",
        "truncate",
        "garbage",
        "html",
        "stall",
        "applied-then-dropped",
        "applied-then-reset",
        "applied-then-500",
        "applied-then-stall",
    ]
)
KINDS = {
    "reset": "the connection is reset; nothing is applied",
    "close": "the connection is closed quietly; nothing is applied",
    "truncate": "applied; half of the body comes, with the full Content-Length",
    "garbage": "200 with a body that is not JSON; nothing is applied",
    "html": "a page of HTML with `status`, as a proxy sends it; nothing is applied",
    "stall": "waits for `delay`, then handles the request as usual",
    "applied-then-dropped": "applied; the connection is closed quietly without an answer",
    "applied-then-reset": "applied; the connection is reset without an answer",
    "applied-then-500": "applied; the answer is 500 backendError",
    "applied-then-stall": "applied; the answer comes after `delay`",
}
_REASONS = {
    400: ("badRequest", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("rateLimitExceeded", "Rate Limit Exceeded"),
    404: ("notFound", "Not Found"),
    409: ("conflict", "Conflict"),
    410: ("deleted", "Resource has been deleted"),
    412: ("conditionNotMet", "Precondition Failed"),
    429: ("rateLimitExceeded", "Rate Limit Exceeded"),
    500: ("backendError", "Backend Error"),
    502: ("backendError", "Bad Gateway"),
    503: ("backendError", "Service Unavailable"),
    504: ("backendError", "Gateway Timeout"),
}
_MESSAGES = {
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "quotaExceeded": "Calendar usage limits exceeded.",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "fullSyncRequired": "Sync token is no longer valid, a full sync is required.",
    "updatedMinTooLongAgo": "The requested minimum modification time lies too far in the past.",
    "invalid_grant": "Token has been expired or revoked.",
}
USAGE_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}


@dataclass
class Fault:
    kind: Kind
    reason: str | None
    method: str | None
    path: re.Pattern[str] | None
    times: int | None
    after: int
    retry_after: float | Literal["http-date"] | None
    delay: float
    body: Any
    status: int
    over: threading.Event = field(default_factory=threading.Event)
    """Ends a delay before its time."""

    @property
    def name(self) -> str:
        """As the request's record has it."""
        return f"{self.kind} {self.reason}" if self.reason else str(self.kind)

    def error(self, *, of_oauth: bool) -> ApiError | OAuthError:
        """What an int kind answers."""
        status = self.kind if isinstance(self.kind, int) else 500
        reason, message = _REASONS.get(status, ("unknown", "Error"))
        reason = self.reason or reason
        message = _MESSAGES.get(reason, message)
        if of_oauth:
            return OAuthError(status, self.reason or "internal_failure", message)
        location = {
            "authError": ("header", "Authorization"),
            "conditionNotMet": ("header", "If-Match"),
            "fullSyncRequired": ("parameter", "syncToken"),
            "updatedMinTooLongAgo": ("parameter", "updatedMin"),
        }.get(reason)
        domain = "usageLimits" if reason in USAGE_LIMITS else "calendar" if location and status == 410 else "global"
        return ApiError(status, reason, message, domain=domain, location=location)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._met: list[Fault] = []

    def add(
        self,
        kind: Kind,
        *,
        reason: str | None = None,
        method: str | None = None,
        path: str | None = None,
        times: int | None = 1,
        after: int = 0,
        retry_after: float | Literal["http-date"] | None = None,
        delay: float = 0.0,
        body: Any = None,
        status: int = 502,
    ) -> Fault:
        """Order a fault for the next matching requests, after `after` of them went well.

        `kind` is a status or one of `KINDS`; `path` a regular expression searched in the path after /calendar/v3 or in
        that of the OAuth endpoint; `times` None lasts until `clear`. `retry_after` is in seconds, or "http-date" for
        two seconds from now as a date; `body` replaces the answer's body; `status` is that of "html".
        """
        if not isinstance(kind, int) and kind not in KINDS:
            raise ValueError(f"{kind!r} is no status and none of {sorted(KINDS)}")
        pattern = re.compile(path) if path else None
        fault = Fault(kind, reason, method, pattern, times, after, retry_after, delay, body, status)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def release(self) -> None:
        """End the delays of the requests that wait now."""
        with self._lock:
            for fault in self._met:
                fault.over.set()

    @property
    def pending(self) -> list[Fault]:
        """Those that have not come to their end."""
        with self._lock:
            return list(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        with self._lock:
            met = None
            for fault in list(self._waiting):
                if (fault.method and fault.method != method) or (fault.path and not fault.path.search(path)):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                elif met is None:
                    met = fault
                    self._met.append(fault)
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._waiting.remove(fault)
            return met
