"""What is fed: each takes bytes, and raises only what its readers expect. What is read is judged and worded."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conftest import ADA, make_event, make_policy
from ruamel.yaml import YAML

from agendad.daemon.calendar_store import decode, encode
from agendad.daemon.config import ConfigError, parse
from agendad.daemon.letters import letter, message_id
from agendad.daemon.linting import lint
from agendad.daemon.reporting import json_text, session_json
from agendad.daemon.terminal import describe
from agendad.providers import google_events, graph_events
from agendad.providers.base import Cancel, Patch, Window
from agendad.providers.errors import ProviderError
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.model import Event
from agendad.providers.remote import UNREADABLE
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.messages import compose
from agendad.rules.plan import Standing, plan
from agendad.rules.policy import Mode
from agendad.rules.text import readable

HERE = Path(__file__).parent
CORPORA = HERE.parent / "corpora"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
POLICY = make_policy(mode=Mode.ACT)
WINDOW = Window(NOW - timedelta(days=90), NOW + timedelta(days=60))


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed, and with what it begins."""

    feed: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]


def consider(event: Event) -> None:
    """Everything that is done with an event that was read: stored, judged, planned, worded, shown."""
    assert decode(encode(event)) == decode(encode(decode(encode(event))))
    history = History(met=True)
    verdict = judge(event, history, POLICY, NOW)
    steps = plan(verdict, history, Standing(), POLICY, NOW)
    shape = session_json(verdict, steps)
    json.loads(json_text(shape))
    shown = describe(shape, POLICY.me)
    assert "\x1b" not in shown
    if verdict.session is None or verdict.session.mentorship is None:
        return
    for step in steps:
        message = compose(verdict.session, step, POLICY, NOW, plan=steps)
        mail = letter(
            sender="grace@example.org", sender_name="Grace", reply_to="grace@example.org", to=ADA.emails[0],
            subject=message.subject, body=message.body, message_id=message_id("k", ADA.emails[0], "grace@example.org"),
            date=NOW, language=message.language,
        )  # fmt: skip
        head = mail.as_bytes().partition(b"\r\n\r\n")[0]
        assert [name for name in mail.keys() if name in ("Bcc", "Cc")] == [], head  # noqa: SIM118 - headers repeat


def ics(data: bytes) -> None:
    """A file in a folder: linted, and as an account, where one event is changed and everything else stays."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder) / "one.ics"
        path.write_bytes(data)
        report = lint([path], POLICY, NOW, horizon=timedelta(days=60), lookback=timedelta(days=90))
        for verdict, _ in report.sessions[:5]:
            consider(verdict.event)
        assert path.read_bytes() == data, "looking changes nothing"
        _edit(path, data)


def _edit(path: Path, data: bytes) -> None:
    provider = IcsFolderProvider("home", path.parent, writable=True)
    events = [event for page in provider.changes(".", None, WINDOW) for event in page.events]
    for event in events[:2]:
        for change in (
            Patch(mark="m1", at=NOW, marker="[agendad]", lines=("[agendad] agenda pending",)),
            Cancel(mark="m2", at=NOW, message="kindly"),
        ):
            before = path.read_bytes()
            try:
                provider.apply(event, change, notify=False)
            except ProviderError:
                assert path.read_bytes() == before, "what is refused leaves everything as it was"
            path.write_bytes(data)
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def html(data: bytes) -> None:
    """A body, as HTML and as text."""
    text = data.decode("utf-8", "replace")
    readable("", text)
    start = NOW + timedelta(days=3)
    consider(make_event(start, html=text))
    consider(make_event(start, text=text, title=text[:300], location=text[:300]))


def google(data: bytes) -> None:
    """An event resource of Google's."""
    with suppress(*UNREADABLE):
        resource = json.loads(data)
        if not google_events.is_cancelled(resource) and google_events.is_meeting(resource):
            event = google_events.read_event(resource, account="work", calendar="primary", zone="America/New_York")
            google_events.marks_of(resource)
            return consider(event)
    return None


def graph(data: bytes) -> None:
    """An event resource of Graph's, and the master of its series."""
    with suppress(*UNREADABLE):
        told = json.loads(data)
        resource, master = (told, None) if isinstance(told, dict) else told
        if isinstance(resource, dict) and (master is None or isinstance(master, dict)):
            event = graph_events.read_event(
                resource, account="uni", calendar="default", me=frozenset({"grace@example.org"}), master=master
            )
            return consider(event)
    return None


def config(data: bytes) -> None:
    """A configuration file."""
    told: ConfigError | None = None
    try:
        loaded = parse(data, Path("/nowhere/agendad.yaml"), zone_of_system=lambda: "Europe/London")
    except ConfigError as error:
        told = error
    if told is None:
        assert loaded.policy.me.emails
    else:
        assert str(told)
        assert told.problems
        assert all(problem.message and problem.file for problem in told.problems)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own in it


def _files(*patterns: str) -> Iterator[bytes]:
    for pattern in patterns:
        for path in sorted(HERE.parent.glob(pattern)):
            if path.is_file() and path.stat().st_size < 64 * 1024:
                yield path.read_bytes()


def _bodies() -> Iterator[bytes]:
    for path in sorted((HERE.parent / "verdicts" / "bodies").glob("*.yaml")):
        for bodies in YAML(typ="safe").load(path.read_text("utf-8")).values():
            for body in bodies[::5]:
                yield str(body if isinstance(body, str) else body.get("html") or body.get("text", "")).encode()


def _resources(name: str) -> Iterator[bytes]:
    for one in json.loads((HERE / "seeds" / f"{name}.json").read_text("utf-8")):
        yield json.dumps(one).encode()


def _configs() -> Iterator[bytes]:
    root = HERE.parents[1]
    yield (root / "config.example.yaml").read_bytes().replace(b"#:", b"  ")
    yield (root / "config.example.yaml").read_bytes()
    yield (root / "daemon" / "sample" / "config.yaml").read_bytes()


TARGETS: dict[str, Target] = {
    "ics": Target(ics, lambda: _files("corpora/*/*.ics", "unit/schemas/*/*.ics")),
    "html": Target(html, _bodies),
    "google": Target(google, lambda: _resources("google")),
    "graph": Target(graph, lambda: _resources("graph")),
    "config": Target(config, _configs),
}


def found(name: str) -> list[Path]:
    """What was once found wrong."""
    return sorted((HERE / "found" / name).glob("*"))
