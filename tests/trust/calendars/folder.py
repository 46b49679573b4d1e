"""A folder of .ics files. Trouble is a mail folder that cannot be written."""

from pathlib import Path
from typing import Any

from agendad.providers.icsfolder import IcsFolderProvider
from trust.calendars.base import Watched
from trust.calendars.objects import ObjectsDesk


class _Folder(Watched, IcsFolderProvider):
    pass


class FolderDesk(ObjectsDesk):
    name = "ics"
    guards_writes = False

    def open(self) -> Any:
        made = _Folder("home", self.house.home, writable=True)
        made.moments = self.moments
        return made

    def files(self) -> Path:
        return self.house.home

    def _path(self, number: int) -> Path:
        return self.house.home / f"{number}.ics"

    def load(self, number: int) -> bytes:
        return self._path(number).read_bytes()

    def store(self, number: int, content: bytes) -> None:
        self._path(number).write_bytes(content)

    def writes(self) -> None:
        return None

    @property
    def _post(self) -> Path:
        return self.house.folder / "state" / "outbox"

    def trouble(self, kind: str) -> None:  # noqa: ARG002 - there is one kind of it
        self._post.mkdir(exist_ok=True, parents=True)
        self._post.rename(self._post.with_name("away"))
        self._post.write_text("in the way")

    def over(self) -> None:
        self._post.unlink()
        self._post.with_name("away").rename(self._post)
