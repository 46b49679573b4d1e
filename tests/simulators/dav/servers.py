"""Radicale and Xandikos, started, stopped and killed by tests."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import httpx

_PATIENCE = 30.0
PASSWORD = "correct horse"  # noqa: S105 - of servers that live for a test
PEOPLE = ("grace", "ada", "reader")
"""Each has the same password; `reader` may read what is Grace's."""
_MAKE_CALENDAR = """\
<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{}</D:displayname></D:prop></D:set></C:mkcalendar>
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DavServer(ABC):
    """A server over a folder. It keeps its port and its folder when it is started again."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=self.url, auth=("grace", PASSWORD), trust_env=False, timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def home(self, person: str) -> str:
        """The path of a person's calendars."""

    def start(self) -> "DavServer":
        with self.log.open("ab") as log:
            environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, env=environment)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text()[-2000:])
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.02)
        raise RuntimeError("the server does not come up")

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            self.process = None

    def kill(self) -> None:
        """kill -9."""
        self.stop(signal.SIGKILL)

    def close(self) -> None:
        self.client.close()
        self.stop()

    def make_calendar(self, name: str, person: str = "grace", title: str = "") -> str:
        """Its path."""
        path = f"{self.home(person)}{name}/"
        body = _MAKE_CALENDAR.format(title or name).encode()
        answer = self.client.request("MKCALENDAR", path, content=body, auth=(person, PASSWORD))
        assert answer.status_code == 201, answer.text
        return path

    def put(self, path: str, content: bytes, person: str = "grace") -> None:
        answer = self.client.put(
            path, content=content, headers={"Content-Type": "text/calendar; charset=utf-8"}, auth=(person, PASSWORD)
        )
        assert answer.status_code in (200, 201, 204), (answer.status_code, answer.text)

    def get(self, path: str) -> bytes:
        answer = self.client.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.content

    def delete(self, path: str) -> None:
        assert self.client.delete(path).status_code in (200, 204, 404)


_RADICALE = """\
[server]
hosts = 127.0.0.1:{port}
{server}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = {folder}/rights
[storage]
filesystem_folder = {folder}/collections

[web]
type = none
[logging]
level = info
"""
_RIGHTS = """\
[root]
user: .+
collection:
permissions: R
[principal]
user: .+
collection: {user}
permissions: RW
[own]
user: .+
collection: {user}/[^/]+
permissions: rw
[looking]
user: reader
collection: grace
permissions: R
[reading]
user: reader
collection: grace/[^/]+
permissions: r
"""


class Radicale(DavServer):
    """https://radicale.org: no scheduling, an htpasswd file, rights by file."""

    def __init__(self, folder: Path, port: int | None = None, server: str = "") -> None:
        super().__init__(folder, port)
        (folder / "users").write_text("".join(f"{person}:{PASSWORD}\n" for person in PEOPLE))
        (folder / "rights").write_text(_RIGHTS)
        (folder / "config").write_text(_RADICALE.format(port=self.port, folder=folder, server=server))

    def command(self) -> list[str]:
        return [sys.executable, "-m", "radicale", "--config", str(self.folder / "config")]

    def home(self, person: str) -> str:
        return f"/{person}/"

    def fill(self, path: str, objects: Mapping[str, bytes]) -> None:
        """Many objects at once, by name, put into its folder."""
        folder = self.folder / "collections" / "collection-root" / path.strip("/")
        for name, content in objects.items():
            (folder / name).write_bytes(content)

    def forget_tokens(self) -> None:
        """As after an upgrade, or `max_sync_token_age`."""
        for file in self.folder.glob("collections/**/sync-token/*"):
            file.unlink()


_KNOW = """\
<?xml version="1.0" encoding="utf-8"?>
<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<C:calendar-user-address-set>{}</C:calendar-user-address-set></D:prop></D:set></D:propertyupdate>
"""


class Xandikos(DavServer):
    """https://www.xandikos.org: events in Git, scheduling by RFC 6638. A header says who asks, as behind a proxy."""

    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "xandikos", "serve", "--listen-address=127.0.0.1", f"--port={self.port}",
            "--no-detect-systemd", "--directory", str(self.folder / "data"), "--state-dir", str(self.folder / "state"),
            "--current-user-principal", "/grace/", "--defaults",
        ]  # fmt: skip

    def home(self, person: str) -> str:
        return f"/{person}/calendars/"

    def know(self, *addresses: str) -> None:
        """Whom the server takes Grace for, so that it sends what she changes to the others."""
        hrefs = "".join(f"<D:href>mailto:{address}</D:href>" for address in addresses)
        headers = {"Content-Type": "application/xml"}
        answer = self.client.request("PROPPATCH", "/grace/", content=_KNOW.format(hrefs).encode(), headers=headers)
        assert answer.status_code == 207, answer.text
        assert "200 OK" in answer.text, answer.text
