"""Values of the configuration that have a form of their own: paths, addresses, names of variables."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema

from agendad.providers.graph_clouds import LOGIN, graph_of

_LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MAIL_CREDENTIAL = "mail-password"
KEY_CREDENTIAL = "agendad-key"


def is_loopback(host: str) -> bool:
    """True for this machine itself: 127.0.0.0/8, ::1, localhost.

    >>> [is_loopback(host) for host in ("127.0.0.2", "[::1]", "localhost", "mail.example.org", "127.1.evil.org")]
    [True, True, True, False, False]
    """
    name = host.strip("[]").lower().rstrip(".")
    if name in _LOOPBACK_NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _path(value: Path, info: ValidationInfo) -> Path:
    try:
        expanded = value.expanduser()
    except RuntimeError:
        raise ValueError(f"{value} names a home folder that cannot be found; write the whole path") from None
    folder = (info.context or {}).get("folder")
    return folder / expanded if isinstance(folder, Path) else expanded


ConfigPath = Annotated[Path, AfterValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})]
"""A path; `~` is the home folder, and a relative one starts from the configuration file's folder."""


def credential(name: str, environ: Mapping[str, str]) -> Path | None:
    """The file of a credential that systemd hands to the service (`LoadCredential=`); None where there is none."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / name if folder else None
    return path if path is not None and path.is_file() else None


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("this is no URL; write it like https://host/path") from None
    if parts.scheme not in ("https", "http") or not host or any(char.isspace() for char in value):
        raise ValueError("this is no URL; write it like https://host/path")
    if parts.username or parts.password:
        raise ValueError("a URL here holds no user name and no password; write `username`, and keep the rest out")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http goes to this machine only (localhost); use https")
    return value.rstrip("/")


def _authority(value: str) -> str:
    if _TENANT.fullmatch(value) and graph_of(value) is None:
        return f"https://{LOGIN}/{value}"
    tenant = f"write it like https://{LOGIN}/TENANT, or common, organizations, consumers or your tenant's id alone"
    if "/" not in value:
        raise ValueError(f"this names no tenant; {tenant}")
    address = _url(value)
    if len(urlsplit(address).path.strip("/").split("/")) != 1 or not urlsplit(address).path.strip("/"):
        raise ValueError(f"an authority ends with one tenant; {tenant}")
    return address


Url = Annotated[str, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
"""https, or http to loopback."""
Authority = Annotated[str, AfterValidator(_authority), WithJsonSchema({"type": "string", "minLength": 1})]
"""Where to sign in to Microsoft, or a tenant at its usual place."""


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):  # it may be the secret itself: never quoted
        raise ValueError("this is no name of an environment variable; the secret itself never goes in this file")
    return value


Variable = Annotated[str, AfterValidator(_variable)]
