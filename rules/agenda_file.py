"""The agenda of a session in a file of the user's: what is to become of the invite, and nothing else.

block
    The lines of an invite between two marked ones, which hold what the file says. They are the user's words, and so
    an agenda like any other; the two marked lines are ours.
base
    The block as it stood when it was last known to say what the user wrote. Where it stands otherwise somebody else has
    changed it, and theirs stays until the user says what is to be done.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256

from agendad.providers.model import Event
from agendad.rules.policy import Person
from agendad.rules.relationship import Meeting
from agendad.rules.text import MARKER
from agendad.rules.text.assessment import State, assess_text
from agendad.rules.text.html import html_lines, is_fragment, looks_like_html, seen_markup, without_zero_width

BEGIN = f"{MARKER} agenda:"
END = f"{MARKER} /agenda"
"""Parts of the two lines around a block, the same in every language."""

WAITING = "agenda.file"
CONFLICT = "agenda.file-conflict"
UNUSABLE = "agenda.file-unusable"
UNFILLED = "agenda.file-unfilled"
GONE = "agenda.file-gone"
CODES: Mapping[str, str] = {
    WAITING: "what the agenda file says is not in the invite yet",
    CONFLICT: "somebody changed, in the invite, what came from the agenda file",
    UNUSABLE: "the agenda file cannot be used",
    UNFILLED: "the agenda file holds nothing but an untouched skeleton",
    GONE: "the agenda file is gone, and what it said stays in the invite",
}
"""Finding code → one line of explanation. None of them climbs a ladder."""
STEPS = frozenset({WAITING, CONFLICT})
"""The codes that steps are taken for."""

_STAMPED = re.compile(r", \d\d:\d\d \S+$")
_ADDRESS = re.compile(r"<(?:https?|mailto):[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaFile:
    """A file as it was read. `day` and `clock` ("1500") are what its name says, on the user's clock."""

    path: str
    """As the user knows it: grace-ada/2026-12-01.md."""
    day: date
    number: int | None = None
    """1 for the first session of that day; None where the name has none."""
    clock: str = ""
    lines: tuple[str, ...] = ()
    """What it says, as plain lines."""
    problem: str = ""
    """Why it cannot be used, in a clause."""
    unfilled: bool = False
    """It is the skeleton that agendad put there."""
    settled: bool = True
    """Nobody has written to it for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAgenda:
    """What is known of one session's file, and of what was done about it."""

    file: AgendaFile | None
    """None where there is none any more."""
    base: str = ""
    """A digest of the block as it was last known to be the user's; "" where none was put into the invite."""
    sent: str = ""
    """A digest of what the organizer was last sent to paste, where that is somebody else."""
    after: str = ""
    """Tells the last write from those before it."""
    untold: bool = False
    """The last write was made without a word to the guests."""
    silent: bool = False
    """The calendar can be written to without telling its guests, and shows it to them all the same."""
    refused: frozenset[str] = frozenset()
    """Digests of what the user said no to, or took back, since the last write."""

    @property
    def is_refused(self) -> bool:
        """The user does not want what the file says in the invite."""
        return digest(self.lines) in self.refused

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is to say; empty where the file is not to be used."""
        file = self.file
        return () if file is None or file.problem or file.unfilled else file.lines

    @property
    def carries_agenda(self) -> bool:
        """Whether a person wrote an agenda into it, or that none is needed; also while they are still writing."""
        return bool(self.lines) and assess_text("\n".join(self.lines)).state in (
            State.PRESENT,
            State.DOUBT,
            State.OPTED_OUT,
        )


class Place(StrEnum):
    """How an invite stands beside a file.

    NOTHING: there is nothing to do. IN_STEP: it says the same. BEHIND: it says something else, as it was written
    before. UNTOLD: the same, and its guests have not heard of it. CONFLICT: somebody else changed what it says.
    """

    NOTHING = "nothing"
    IN_STEP = "in-step"
    BEHIND = "behind"
    UNTOLD = "untold"
    CONFLICT = "conflict"


def place_of(event: Event, known: FileAgenda | None, *, i_organize: bool) -> Place:
    """How the invite stands beside the file. Pure."""
    if known is None or not known.lines or known.file is None or not known.file.settled:
        return Place.NOTHING
    if not i_organize:
        in_step = known.sent == digest(known.lines) or says(event, known.lines)
        return Place.IN_STEP if in_step else Place.BEHIND
    blocks = blocks_of(event)
    if blocks and all(block is not None and _words(_inside(block)) == _words(known.lines) for block in blocks):
        return Place.UNTOLD if known.untold and known.silent else Place.IN_STEP
    if not any(blocks) and not known.base:
        return Place.IN_STEP if says(event, known.lines) else Place.BEHIND
    ours = blocks and all(block is not None and digest(block) == known.base for block in blocks)
    return Place.BEHIND if ours else Place.CONFLICT


def message_of(known: FileAgenda, place: Place, *, i_organize: bool) -> str:
    """A sentence for the user."""
    path = known.file.path if known.file else ""
    if place is Place.CONFLICT:
        return f"The agenda in the invite is not the one that {path} was put there with: somebody has changed it."
    if place is Place.UNTOLD:
        return f"What {path} says is in the invite, and nobody has been told yet."
    where = "is not in the invite yet" if i_organize else "has not been sent to the organizer yet"
    return f"What {path} says {where}."


def token_of(event: Event, known: FileAgenda, place: Place) -> str:
    """Tells what is to be written now from whatever else was, or is asked, about this session."""
    theirs = [line for block in blocks_of(event) for line in block or ()] if place is Place.CONFLICT else ()
    parts = (*event.key, WAITING, known.after, place, *known.lines, "\x1f", *theirs)
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def block_lines(lines: Sequence[str], opening: str) -> tuple[str, ...]:
    """A block with its two marked lines. `opening` says whose it is, and of when.

    >>> block_lines(["- one topic"], "Grace, Mon 30 Nov, 18:05 GMT")
    ('[agendad] agenda: Grace, Mon 30 Nov, 18:05 GMT', '- one topic', '[agendad] /agenda')
    """
    return (f"{BEGIN} {opening}", *lines, END)


def inside(block: Sequence[str]) -> tuple[str, ...]:
    """The lines of the file in a block, or in what was sent to be pasted."""
    return tuple(_inside(block)) if block and BEGIN in block[0] else tuple(block)


def digest(lines: Iterable[str]) -> str:
    """The same for lines that read the same."""
    return sha256(" ".join(_words(lines)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def same_words(one: Iterable[str], other: Iterable[str]) -> bool:
    return _words(one) == _words(other)


def standing_block(event: Event) -> str:
    """A digest of the block in an invite; "" where it has none, or not the same one in all its bodies."""
    found = {digest(block) if block else "" for block in blocks_of(event)}
    return found.pop() if len(found) == 1 else ""


def is_whole(event: Event) -> bool:
    """Whether nobody wrote anything into the marked lines themselves."""
    return all(
        block is not None and len(block) > 1 and block[-1] == END and _STAMPED.search(block[0]) is not None
        for block in blocks_of(event)
    )


def says(event: Event, lines: Iterable[str]) -> bool:
    """Whether a body already says every one of these lines, wherever."""
    wanted = [" ".join(words) for line in lines if (words := _words([line.lstrip(" -")]))]
    bodies = [" ".join(_words(body)) for body in _bodies(event)]
    return bool(bodies) and all(line in body for line in wanted for body in bodies)


def blocks_of(event: Event) -> list[tuple[str, ...] | None]:
    """The block in each body that the event has, plain text and HTML; None where it holds none."""
    return [_block_in(body) for body in _bodies(event)]


def _block_in(lines: Sequence[str]) -> tuple[str, ...] | None:
    """From its first line to its last; whatever lies between where there is more than one of either."""
    begins = [at for at, line in enumerate(lines) if BEGIN in line]
    if not begins:
        return None
    ends = [at for at, line in enumerate(lines) if END in line and at > begins[0]]
    last = max([*ends[: len(begins)], *begins])
    return tuple(lines[begins[0] : last + 1])


def _inside(block: Sequence[str]) -> Sequence[str]:
    """Without its two marked lines; the whole where it is no block any more."""
    whole = len(block) > 1 and BEGIN in block[0] and END in block[-1]
    return block[1:-1] if whole else block


def _bodies(event: Event) -> list[list[str]]:
    """Every body that shows something, as lines."""
    text = event.text
    bodies = [_html_lines(text) if looks_like_html(text) else text.splitlines(), _html_lines(event.html)]
    return [found for body in bodies if any(found := [" ".join(line.split()) for line in body])]


def _html_lines(markup: str) -> list[str]:
    if not markup:
        return []
    seen, _ = seen_markup(markup)
    return html_lines(seen, keep_newlines=is_fragment(seen) and "\n" in seen and "<p" not in seen)


def _words(lines: Iterable[str]) -> list[str]:
    """What is read, whatever a server has made of spaces, entities and links."""
    text = _ADDRESS.sub(" ", " ".join(lines)).replace("\\n", " ")
    plain = html.unescape(html.unescape(without_zero_width(text)))
    return unicodedata.normalize("NFC", plain).split()


# which file is whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The files of a pair beside its sessions."""

    by_session: Mapping[tuple[str, str], AgendaFile]
    unmatched: tuple[AgendaFile, ...] = ()
    """Files of days to come on which no session is known; those that cannot be used are not among them."""
    doubled: tuple[AgendaFile, ...] = ()
    """Files of a session that has another one, too: none of them is used."""


def match(files: Iterable[AgendaFile], meetings: Sequence[Meeting], me: Person, now: datetime) -> Matched:
    """Which file is which session's, by the day on the user's clock where the user is then.

    Args:
        files: of one pair.
        meetings: of that pair, held or to come, by start.
        me: the user.
        now: aware UTC; files of days before are nobody's concern.
    """
    today = local(now, me).date()
    fitting: dict[tuple[str, str], list[AgendaFile]] = {}
    unmatched: list[AgendaFile] = []
    for file in files:
        meeting = _meant(file, [one for one in meetings if local(one.start, me).date() == file.day], me)
        if meeting is not None:
            fitting.setdefault(meeting.key, []).append(file)
        elif file.day >= today and not file.problem:
            unmatched.append(file)
    return Matched(
        by_session={key: found[0] for key, found in fitting.items() if len(found) == 1},
        unmatched=tuple(unmatched),
        doubled=tuple(file for found in fitting.values() if len(found) > 1 for file in found if file.day >= today),
    )


def name_of(start: datetime, meetings: Sequence[Meeting], me: Person) -> str:
    """What a session's file is called; with its time where that day has another session."""
    moment = local(start, me)
    alone = sum(local(one.start, me).date() == moment.date() for one in meetings) < 2
    return f"{moment:%Y-%m-%d}.md" if alone else f"{moment:%Y-%m-%d-%H%M}.md"


def local(instant: datetime, me: Person) -> datetime:
    """An instant on the user's clock where the user is then."""
    return instant.astimezone(me.zone_at(instant) or UTC)


def _meant(file: AgendaFile, of_day: Sequence[Meeting], me: Person) -> Meeting | None:
    if file.clock:
        return next((one for one in of_day if f"{local(one.start, me):%H%M}" == file.clock), None)
    place = (file.number or 1) - 1
    return of_day[place] if place < len(of_day) else None
