"""What products put into invites, whole blocks and single lines: conferences, bookings, statements of the time."""

import re
from collections.abc import Iterable, Sequence

from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import Kind, Vocabulary, fold, phrases
from agendad.rules.text.patterns import DETAIL, DIGIT, PHONE, SLOT

MARKER = "[agendad]"
"""Every line that agendad writes into an event holds it; such lines are nobody's agenda."""

CONFERENCE_HOST = re.compile(
    r"//(?:[\w.-]*teams\.(?:microsoft|live)\.com|aka\.ms|[\w.-]*zoom\.(?:us|com)|[\w.-]*zoomgov\.com"
    r"|meet\.google\.com|tel\.meet|support\.google\.com/a/users|g\.co/"
    r"|[\w.-]*webex\.com|[\w.-]*gotomeet(?:ing)?\.(?:com|me)|[\w.-]*goto\.com|meet\.jit\.si|whereby\.com"
    r"|[\w.-]*chime\.aws|join\.skype\.com|meet\.lync|calendly\.com|dialin\.|[\w.-]*voovmeeting\.com"
    r"|[\w.-]*meeting\.tencent\.com|meeting\.dingtalk\.com|vc\.feishu\.cn|vc\.larksuite\.com|[\w.-]*bluejeans\.com"
    r"|[\w.-]*ringcentral\.com|meet\.around\.co|around\.co/r|app\.slack\.com/huddle|[\w.-]*doodle\.com|cal\.com"
    r"|outlook\.office(?:365)?\.com/book|bookings\.cloud\.microsoft|meetings\.hubspot\.com|[\w.-]*youcanbook\.me"
    r"|[\w.-]*acuityscheduling\.com|app\.reclaim\.ai|[\w.-]*getclockwise\.com|[\w.-]*otter\.ai"
    r"|[\w.-]*fireflies\.ai|senfcall\.de|[\w.-]*bigbluebutton|bbb\.|[\w.-]*jitsi)",
    re.IGNORECASE,
)
_PRODUCT = "(?:zoom|webex|voov|teams|google meet|calendly|腾讯会议|騰訊會議|飞书|飛書|钉钉|釘釘)"
_INVITING = "(?:invit|einl|ladt|convid|uitn|nodigt|招待|邀请|邀請)"
_INVITES = re.compile(f"{_PRODUCT}.{{0,80}}{_INVITING}|{_INVITING}.{{0,80}}{_PRODUCT}")
"""A product says who invites whom; the meeting's name and time come next."""
_FENCE = re.compile(r"\s*(?:_{10,}|-{10,}|={10,}|\*{10,}|~{5,}|[-:~]{12,}|[.…․]{10,}|─{5,}|━{5,})\s*")
_FENCE_MARKS = frozenset(" _-=*~:.…․─━")
_GOOGLE_FENCE = re.compile(r"\s*-::?~[-:~]{8,}\s*")

_TECHNICAL = re.compile(r"\W*\d{1,3}(?:\.\d{1,3}){3}\b|.{0,60}\((?:utc|gmt)\s*[+\-−]\s*\d{1,2}[:.]\d\d\)")
"""A gateway's address, or a product's statement of the time."""
_STATEMENT = re.compile(
    r"^\D{0,20}\d{1,2}:\d\d.{0,40}\((?:UTC|GMT)\s*[+\-−]\s*\d"
    r"|^(?:when|wann|quand|cu[aá]ndo|quando|wanneer|日時|时间|時間)\s?[:：].{0,60}\d{1,2}:\d\d.{0,40}\((?:UTC|GMT)\s*[+\-−]\s*\d"
    r"|^event date/time: .{0,10}\d{1,2}:\d\d.{0,30}\([a-z]"
    r"|^time: .{0,40}\d{1,2}:\d\d (?:[ap]m [a-z]|.{0,20}\([a-z])",
    re.IGNORECASE,
)
_FORM_LABEL = frozenset(["event name", "event date/time", "invitee", "invitee email", "invitee time zone"])
"""Labels of a booking product whose value stands on the next line."""


def _block_phrases() -> tuple[frozenset[str], Vocabulary]:
    conference = Vocabulary()
    alone: set[str] = set()
    for language in LANGUAGES:
        conference.add(language.conference, Kind.LOGISTICS)
        alone.update(phrases(language.conference_alone))
    return frozenset(alone), conference.freeze()


_CONFERENCE_ALONE, _CONFERENCE = _block_phrases()


def is_conference_line(line: str, folded: str) -> bool:
    """True for a line that belongs to a conference block, wherever it stands."""
    if "//" in line and CONFERENCE_HOST.search(line):
        return not _carries_topics(folded)
    if folded.strip(" ?|.:") in _CONFERENCE_ALONE:
        return True
    if DIGIT.search(folded) and _TECHNICAL.match(folded) and not DETAIL.match(folded):
        return True
    if len(folded) > 200 or _carries_topics(folded):
        return False
    return _CONFERENCE.mentions(folded)


def states_time(line: str) -> bool:
    """Whether a product says in it when the meeting is, beside a standard offset: "1:00 PM | (UTC-08:00) Pacific"."""
    return ":" in line and _STATEMENT.search(line) is not None


def _carries_topics(folded: str) -> bool:
    return folded.startswith(("agenda", "topics", "tagesordnung", "themen:", "議題", "アジェンダ", "议程"))


def without_conference(lines: Sequence[str]) -> Iterable[str]:
    """See `_without_blocks`; a label whose way to join stood on the next line goes with it."""
    label = None
    for line in _without_blocks(lines):
        if line is None and label is not None:
            label = ""
        if label is not None:
            yield label
        label = None
        if line is not None and line.endswith((":", "：")) and line[0] not in _BULLETS:
            label = line
        else:
            yield line or ""
    if label is not None:
        yield label


def _without_blocks(lines: Sequence[str]) -> Iterable[str | None]:
    """Drops fenced blocks that hold a way to join, single lines of unfenced ones, and our own lines."""
    index, count = 0, len(lines)
    after_zoom = 0
    while index < count:
        line = lines[index]
        index += 1
        if MARKER in line:
            continue
        if line and line[0] in _FENCE_MARKS and _FENCE.fullmatch(line):
            end = _closing_fence(lines, index, google=_GOOGLE_FENCE.fullmatch(line) is not None)
            if end is not None:
                index = _end_of_dialing_in(lines, end) or end
            else:
                yield line if SLOT.fullmatch(line) else ""
            continue
        folded = fold(line)
        if folded.rstrip(": ") in _FORM_LABEL:
            index += 1
            continue
        invites = len(line) < 200 and _INVITES.search(folded) is not None
        if folded and (invites or is_conference_line(line, folded)):
            after_zoom = 4 if invites or "zoom" in folded or "calendly" in folded else after_zoom
            yield None if line.startswith("http") else ""
            continue
        if after_zoom and line:
            after_zoom -= 1
            if _ZOOM_TOPIC.match(folded):
                continue
        yield line


_ZOOM_TOPIC = re.compile(r"[^\W\d_]{2,12}\s*[:：]")
"""What a product calls the meeting's name and time, in whatever language."""
_FENCED_BLOCK = 60
_BULLETS = "-*•・"


def _closing_fence(lines: Sequence[str], start: int, *, google: bool) -> int | None:
    """The index after the fence that ends a conference block begun before `start`; None if it is no such block."""
    joins = google
    for index in range(start, min(start + _FENCED_BLOCK, len(lines))):
        line = lines[index]
        if _FENCE.fullmatch(line):
            return index + 1 if joins else None
        joins = joins or bool(line and is_conference_line(line, fold(line)))
    return None


def _end_of_dialing_in(lines: Sequence[str], start: int) -> int | None:
    """Where a block goes on after a fence of its own with ways to dial in: the index after its last fence."""
    own = others = 0
    for index in range(start, min(start + _FENCED_BLOCK, len(lines))):
        line = lines[index]
        if _FENCE.fullmatch(line):
            return index + 1 if own and own >= others else None
        if line:
            belongs = PHONE.search(line) is not None or is_conference_line(line, fold(line))
            own, others = own + belongs, others + (not belongs)
    return None
