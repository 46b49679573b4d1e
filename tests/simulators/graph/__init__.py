"""A strict simulator of Microsoft Graph v1.0 (calendars, mailbox settings, mail) and of the identity platform.

It is on loopback only. It holds requests against the typed models of msgraph-sdk and the documented parameters, and
keeps what Graph does that surprises: a copy of a meeting for each mailbox under ids of its own, deltas whose window is
frozen, thin occurrences, @removed for live events, mails that nothing suppresses. What could not be confirmed is a
switch.
"""

from simulators.loopback import KINDS as FAULT_KINDS
from simulators.loopback import Request

from .client import Api, AuthorityClient
from .errors import ApiError
from .identity import CLIENT_ID, CLIENT_SECRET
from .ledger import Mail
from .online import FORMS as TEAMS_FORMS
from .online import TENANT
from .simulator import GraphSimulator
from .switches import Switches

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "FAULT_KINDS",
    "TEAMS_FORMS",
    "TENANT",
    "Api",
    "ApiError",
    "AuthorityClient",
    "GraphSimulator",
    "Mail",
    "Request",
    "Switches",
]
