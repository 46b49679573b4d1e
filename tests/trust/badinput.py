"""Inputs that nobody would send by mistake: files, bodies, payloads and configurations, changed by chance."""

from collections.abc import Iterator

from fuzz.targets import TARGETS
from fuzz.trying import SECONDS, attempts

from trust.figures import Figure, Part

FEW, MANY = 1_000, 20_000
_WHAT = {
    "ics": ".ics files, read, and one event in them changed",
    "html": "bodies, as HTML and as text",
    "google": "event resources of Google's",
    "graph": "event resources of Graph's",
    "config": "configuration files",
    "dav": "conversations with CalDAV servers",
    "google-pages": "conversations with Google",
    "graph-pages": "conversations with Graph",
    "busy": "answers of both to who is taken",
    "sign-in": "answers of both to a sign-in",
    "agenda": "agenda files",
    "notes": "files of notes",
    "block": "bodies that an agenda is put into and taken out of",
}


def measure(long: bool, _jobs: int) -> Iterator[Figure]:
    """Each input is judged, planned, worded and shown too. `make fuzz` goes on where the input reaches new code."""
    faults: list[str] = []
    slow = 0
    for name in TARGETS:
        tried = 0
        for one in attempts(name, MANY if long else FEW, seeds_every=1 if long else 5):
            tried += 1
            slow += one.seconds > SECONDS / 2
            if one.fault:
                faults.append(f"{name}: {one.fault}, kept as {one.keep()}")
        yield Figure(_WHAT[name], tried)
    yield Figure("inputs that raised what nobody expects, or ran away", len(faults), 0, tuple(faults))
    yield Figure(f"inputs that took more than {SECONDS // 2} seconds", slow, 0)


PART = Part("badinput", "inputs changed by chance, in bounded time and memory", measure)
