"""Microsoft's clouds: which place to sign in belongs to which Graph. They know nothing of each other.

Source: https://learn.microsoft.com/graph/deployments.
"""

from urllib.parse import urlsplit

from agendad.providers.hosts import on_this_machine

LOGIN = "login.microsoftonline.com"
GRAPH = "graph.microsoft.com"
_CHINA = ("microsoftgraph.chinacloudapi.cn",)
_GRAPHS = {
    LOGIN: (GRAPH,),
    "login.microsoftonline.us": ("graph.microsoft.us", "dod-graph.microsoft.us"),
    "login.partner.microsoftonline.cn": _CHINA,
    "login.chinacloudapi.cn": _CHINA,
}
ANYBODY = frozenset({"common", "organizations", "consumers"})
"""The last part of an authority that names no tenant."""


def graph_of(login: str) -> str | None:
    """The Graph of those who sign in at a host; None for a host that is none of Microsoft's."""
    graphs = _GRAPHS.get(login.lower())
    return graphs[0] if graphs else None


def login_of(graph: str) -> str | None:
    """Where to sign in for a Graph's host; None for a host that is none of Microsoft's.

    >>> login_of("dod-graph.microsoft.us"), login_of("gateway.example.org")
    ('login.microsoftonline.us', None)
    """
    return next((login for login, graphs in _GRAPHS.items() if graph.lower() in graphs), None)


def apart(login: str, graph: str) -> bool:
    """Whether two hosts belong to different clouds of Microsoft's."""
    return graph_of(login) is not None and login_of(graph) is not None and graph.lower() not in _GRAPHS[login.lower()]


def resource(authority: str, api_root: str) -> str:
    """What permissions begin with: the Graph that a token is for, whatever stands in front of it.

    >>> resource("https://login.microsoftonline.us/common", "https://dod-graph.microsoft.us/v1.0")
    'https://dod-graph.microsoft.us'
    >>> resource("https://login.microsoftonline.com/common", "https://gateway.example.org/v1.0")
    'https://graph.microsoft.com'
    >>> resource("http://127.0.0.1:8080/common", "http://127.0.0.1:8080/v1.0")
    'https://graph.microsoft.com'
    """
    login, graph = (urlsplit(url).hostname or "" for url in (authority, api_root))
    known = graph_of(login)
    if login_of(graph) or (known is None and not on_this_machine(graph)):
        return f"https://{graph}"
    return f"https://{known or GRAPH}"
