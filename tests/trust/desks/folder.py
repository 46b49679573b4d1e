"""A folder of .ics files; the guests are told by mail."""

from collections.abc import Callable
from typing import Any

from acting.conftest import CANCEL, HOUR, NOW

from agendad.providers.icsfolder import IcsFolderProvider
from trust.desks.base import Desk


class Meddled(IcsFolderProvider):
    """A folder to which something happens right before it is read for the n-th time."""

    happens: Callable[[], None] | None = None
    after = 0

    def get(self, event: Any) -> Any:
        if self.happens is not None:
            if self.after == 0:
                self.happens()
                self.happens = None
            self.after -= 1
        return super().get(event)


class Folder(Desk):
    def prepare(self) -> None:
        self.house.configure(ladder=CANCEL)
        path = self.house.invite(NOW + 30 * HOUR)
        provider = Meddled("home", self.house.home, writable=True)
        provider.after = self.verb.after
        provider.happens = {
            "gone": path.unlink,
            "changed by somebody": lambda: self.house.edit("Ada and Grace", "Grace and Ada"),
            "agenda comes": lambda: self.house.edit("END:VEVENT", "DESCRIPTION:Agenda: my talk in March\r\nEND:VEVENT"),
            "no calendar any more": lambda: path.write_text("x"),
            "folder gone": lambda: self.house.home.rename(self.house.folder / "away"),
        }[self.fault]
        self.house.context.__dict__["providers"] = {"home": provider}
        self._provider = provider

    def met(self) -> bool:
        return self._provider.happens is None

    def over(self) -> None:
        if self.fault == "folder gone":
            (self.house.folder / "away").rename(self.house.home)
