"""A strict simulator of Google Calendar v3 and of Google's OAuth endpoints, on loopback.

It holds requests against the discovery document that ships with google-api-python-client, and keeps what Google does
that surprises: a copy of an event for each calendar, answers that travel, tombstones with hardly a field, tokens that
expire. What could not be confirmed is a switch.
"""

from .errors import ApiError
from .faults import KINDS as FAULT_KINDS
from .ledger import Mail, Request
from .oauth import CLIENT_ID, CLIENT_SECRET
from .simulator import GoogleSimulator
from .switches import Switches

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "FAULT_KINDS", "ApiError", "GoogleSimulator", "Mail", "Request", "Switches"]
