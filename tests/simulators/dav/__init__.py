"""CalDAV servers that nobody in this project wrote, as real processes on loopback."""

from .servers import DavServer, Radicale, Xandikos

__all__ = ["DavServer", "Radicale", "Xandikos"]
