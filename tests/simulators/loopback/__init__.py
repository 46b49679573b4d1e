"""What simulators of different services share: HTTP on loopback, ordered trouble, and a log of requests.

A simulator gives its `Dialect`: how the service words its errors, and where its API begins.
"""

from .faults import KINDS, Fault, Faults, Kind
from .ledger import Request
from .server import Answer, Dialect, Server

__all__ = ["KINDS", "Answer", "Dialect", "Fault", "Faults", "Kind", "Request", "Server"]
