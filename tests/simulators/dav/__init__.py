"""CalDAV servers that nobody in this project wrote, as real processes on loopback, and what stands between."""

from .between import Between, Reply, Seen
from .servers import PASSWORD, DavServer, Radicale, Xandikos
from .trouble import Trouble

__all__ = ["PASSWORD", "Between", "DavServer", "Radicale", "Reply", "Seen", "Trouble", "Xandikos"]
