"""What a service says on its standard error: what is news, each thing once, a line each."""

from collections.abc import Iterable
from contextlib import suppress

from agendad.daemon import logs
from agendad.daemon.delivery import aftermath, trouble
from agendad.daemon.pass_report import PassReport
from agendad.daemon.store import Store


class Telling:
    """Knows what was said, so that a service that runs for years does not say the same every five minutes."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def say(self, text: str, event: str = "service", *, level: logs.Level = "info", **facts: object) -> None:
        """One line, see `logs.tell`. A log that cannot be written stops nothing."""
        with suppress(OSError, ValueError):
            logs.tell(event, text, level=level, **facts)

    def news(self, about: str, text: str, well: str = "", **facts: object) -> None:
        """Say it if it is other than what was said last about the same; `well` once it is "" again."""
        before = self._said.get(about, "")
        self._said[about] = text
        if text != before and (told := text or well):
            self.say(told, about.partition(" ")[0], level="warning" if text else "info", **facts)

    def report(self, report: PassReport) -> None:
        """What a pass brought."""
        for account in report.accounts:
            name = f"account {account.name}"
            told = "" if account.ok else f"{name}: {account.error}"
            self.news(name, told, f"{name}: it is read again", account=account.name, ok=account.ok)
            self._each(f"{name} held", (f"{name}: {held}" for held in account.held))
        for action in report.news:
            detail = f" ({action.detail})" if action.detail else ""
            self.say(
                f"{action.id} {action.state} {action.action}: {action.reason}{detail}",
                "decision",
                id=action.id,
                state=str(action.state),
                action=str(action.action),
                effect=str(action.effect),
                rung=str(action.rung),
                code=action.reason,
                account=action.account,
            )

    def mail(self, store: Store) -> None:
        """What became of the summary."""
        failed = trouble(store)
        self.news("summary", f"the summary was not sent and is tried again: {failed}" if failed else "")
        self.news("aftermath", aftermath(store))

    def _each(self, about: str, lines: Iterable[str]) -> None:
        told = list(lines)
        if "\n".join(told) != self._said.get(about, ""):
            self._said[about] = "\n".join(told)
            for line in told:
                self.say(line, "held", level="warning")
