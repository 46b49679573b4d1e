"""What is fed: each takes bytes, and raises only what its readers expect. What is read is judged and worded."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from conftest import make_event
from ruamel.yaml import YAML

from agendad.daemon.config import ConfigError, parse
from agendad.daemon.linting import lint
from agendad.providers import google_events, graph_events
from agendad.providers.base import Applied, Cancel, Patch, RestoreTo
from agendad.providers.errors import ProviderError
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.remote import UNREADABLE
from agendad.rules.text import readable
from fuzz import own_files, servers, sign_ins
from fuzz.judging import NOW, POLICY, WINDOW, consider
from fuzz.places import HERE, in_memory


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed, and with what it begins."""

    feed: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]
    shape: str = "bytes"
    """How it is changed; see `fuzz.mutations`."""


def ics(data: bytes) -> None:
    """A file in a folder: linted, and as an account, where one event is changed and everything else stays."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
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
                done = provider.apply(event, change, notify=False)
            except ProviderError:
                assert path.read_bytes() == before, "what is refused leaves everything as it was"
            else:
                if done.undo is not None:
                    _take_back(provider, path, done, before)
            path.write_bytes(data)
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def _take_back(provider: IcsFolderProvider, path: Path, done: Applied, before: bytes) -> None:
    changed = path.read_bytes()
    try:
        provider.apply(provider.get(done.event), RestoreTo(undo=done.undo), notify=False)
    except ProviderError:
        assert path.read_bytes() == changed, "what is refused leaves everything as it was"
    else:
        assert path.read_bytes() == before, "taken back, every byte is what it was"


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
    "google": Target(google, lambda: _resources("google"), "json"),
    "graph": Target(graph, lambda: _resources("graph"), "json"),
    "config": Target(config, _configs),
    "dav": Target(servers.dav, lambda: _files("fuzz/seeds/dav/*")),
    "google-pages": Target(servers.google_pages, lambda: _resources("google-pages"), "json"),
    "graph-pages": Target(servers.graph_pages, lambda: _resources("graph-pages"), "json"),
    "busy": Target(servers.busy, lambda: _resources("busy"), "json"),
    "sign-in": Target(sign_ins.sign_in, lambda: _resources("sign-in"), "json"),
    "agenda": Target(own_files.agenda, lambda: _files("fuzz/seeds/agenda/*")),
    "notes": Target(own_files.notes, lambda: _files("fuzz/seeds/notes/*")),
    "block": Target(own_files.block, _bodies),
}


def found(name: str) -> list[Path]:
    """What was once found wrong."""
    return sorted((HERE / "found" / name).glob("*"))
