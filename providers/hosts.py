"""Which hosts are this machine itself: plain http goes to no other."""

from ipaddress import ip_address


def on_this_machine(host: str) -> bool:
    """True for loopback addresses and localhost.

    >>> [on_this_machine(host) for host in ("127.0.0.2", "::1", "localhost", "127.1.evil.org")]
    [True, True, True, False]
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
