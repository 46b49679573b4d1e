"""Detection: is an event a mentorship session, whose, and why (not)?

Some things decide by themselves: an all-day event or one that nobody else is in is no session, whatever its
title says. Everything else is a sign, for or against. Signs are log-odds: they add up, and the sum becomes a
confidence between 0 and 1. A declared pair alone comes to 0.70, with a keyword in the title to 0.97, an
unknown pair with a keyword in the title to 0.75.
"""

from collections.abc import Container
from dataclasses import dataclass
from math import exp

from agendad.providers.model import Event, Sensitivity, Status
from agendad.rules.attendance import Attendance, attendance
from agendad.rules.base import Detection
from agendad.rules.policy import Mentorship, Person, Policy
from agendad.rules.text.untrusted import MAX_TITLE
from agendad.rules.topic import (
    MAX_BODY,
    TitleReading,
    body_text,
    copy_in_title,
    normal,
    participant_words,
    read_title,
    reads_like_another,
    squeezed,
    vocabulary,
    without_own_names,
    words,
)

_DECLARED_PAIR = 0.85
_UNKNOWN_PAIR = -1.53
_TITLE = 2.65
_CATEGORY = 2.1
_ADDRESSED = 2.1
_BODY = 1.35
_RELATED = 0.6
_JUST_TWO = 0.65
_THIRD_PERSON = -0.5
_STRANGERS = -0.3
_BESIDE = -1.0
_OTHER_KIND = -1.4
_GATHERING = -2.6
_MAX_CONFIDENCE = 0.99
"""Words and people never make it certain; a series that the user confirmed does."""

_MAX_LINE = 200


@dataclass(frozen=True, slots=True)
class _Sign:
    weight: float
    text: str
    topical: bool = False

    def __str__(self) -> str:
        side = "for" if self.weight > 0 else "against"
        size = abs(self.weight)
        strength = "strong" if size >= 2 else "fair" if size >= 0.8 else "slight"
        return f"{side} ({strength}): {self.text}"


class _Quotes:
    """How evidence speaks of an event's words: private ones are never quoted."""

    def __init__(self, event: Event) -> None:
        self._open = event.sensitivity is Sensitivity.PUBLIC

    def __call__(self, what: str, word: str) -> str:
        return f'{what} "{word[:60]}"' if self._open else what


def detect(event: Event, policy: Policy) -> Detection:
    """Judge whether `event` is a mentorship session, and whose.

    What is no session has neither a mentorship nor a role, and `on_topic` False; its evidence tells why.
    """
    title = squeezed(normal(event.title[:MAX_TITLE]))
    found = attendance(event, policy)
    quote = _Quotes(event)
    vocab = vocabulary(policy.detection.keywords)
    confirmed = [mentorship for mentorship in policy.mentorships if event.uid in mentorship.series]
    bars = _bars(event, title, found, policy, quote)
    has_keyword = vocab.may_be_in(title)
    if has_keyword:
        title = without_own_names(title, event, _names(policy))
    if bars and not (has_keyword or found.present or confirmed):
        return _none(bars, found)

    candidates = tuple(confirmed) or found.present
    mentorship = _choose(candidates, event, title)
    reading = TitleReading()
    if has_keyword or found.present:
        names_other = mentorship is not None and found.count == 2 and _is_named(mentorship.other, title)
        reading = read_title(title, vocab, names_other=names_other)
    signs = [
        *_people_signs(mentorship, found, confirmed=bool(confirmed)),
        *_label_signs(event, title, policy, quote),
        *_title_signs(title, reading, mentorship, quote, participant_words(event)),
    ]
    signs += _body_signs(event, policy, mentorship, reading, quote, labelled=any(sign.topical for sign in signs))
    if mentorship is None and found.count == 2 and _says_nothing_else(title, signs):
        signs.append(_Sign(_JUST_TWO, "just the two of you are in it, and the title names no other kind of meeting"))
    notes = [str(sign) for sign in signs] + _notes(title, found, mentorship, policy, quote)
    if mentorship is None and not any(sign.topical for sign in signs):
        bars = [*bars, "nothing says that it is about mentoring, and no declared pair is in it"]
    if bars:
        return _none(bars, found, notes)
    confidence = 1.0 if confirmed else _confidence(signs)
    if confidence < policy.detection.min_confidence:
        least = policy.detection.min_confidence
        reason = f"{confidence:.2f} is below `detection.min_confidence` ({least:.2f})"
        return _none([reason], found, notes, confidence)
    whose = mentorship.name if mentorship else "a pair that is not declared"
    return Detection(
        is_mentorship=True,
        mentorship=mentorship,
        my_role=mentorship.my_role if mentorship else None,
        confidence=confidence,
        evidence=_lines([*notes, f"a mentorship session of {whose} ({confidence:.2f})"]),
        on_topic=bool(confirmed) or any(sign.topical for sign in signs),
        people=tuple(filter(None, found.people)),
    )


def _says_nothing_else(title: str, signs: list[_Sign]) -> bool:
    """Whether a body that speaks of mentoring stands beside a title that leaves it at that: "Coffee?"."""
    if not any(sign.weight == _BODY for sign in signs) or any(sign.weight < _UNKNOWN_PAIR / 2 for sign in signs[1:]):
        return False
    return not reads_like_another(title)


def _bars(event: Event, title: str, found: Attendance, policy: Policy, quote: _Quotes) -> list[str]:
    """What makes it no session, whatever else holds."""
    bars: list[str] = []
    if event.all_day:
        bars.append("it lasts all day")
    if event.status is Status.CANCELLED:
        bars.append("it is cancelled")
    elif copied := copy_in_title(title):
        bars.append(f"its title marks a {copied} meeting")
    bars += _people_bars(found, policy)
    if policy.detection.ignore and (ignored := words(policy.detection.ignore).search(title)):
        bars.append(quote("its title has a word of your `detection.ignore`,", squeezed(ignored[0])).rstrip(","))
    return bars


def _people_bars(found: Attendance, policy: Policy) -> list[str]:
    bars: list[str] = []
    if found.i_declined:
        bars.append("you declined it")
    if found.i_delegated:
        bars.append("you sent somebody else")
    if not found.me_in_it:
        bars.append("you are not in it")
    elif found.count < 2 and not found.groups:
        bars.append("nobody but you is in it")
    if found.groups:
        bars.append(f"a mailing list ({found.groups[0]}) is invited, which is many people")
    if found.count > policy.detection.max_attendees:
        bars.append(f"{found.count} people are in it, more than `max_attendees` ({policy.detection.max_attendees})")
    return bars


def _choose(candidates: tuple[Mentorship, ...], event: Event, title: str) -> Mentorship | None:
    """The mentorship that an event with several declared people belongs to."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    body = normal(event.text[:MAX_BODY])

    def rank(mentorship: Mentorship) -> int:
        marks = words(mentorship.match)
        if marks.search(title):
            return 0
        if marks.search(body):
            return 1
        if words((mentorship.name,)).search(title):
            return 2
        if words((mentorship.other.name,)).search(title):
            return 3
        return 4 if _is_named(mentorship.other, title) else 5

    return min(candidates, key=rank)


def _names(policy: Policy) -> dict[str, str]:
    people = (policy.me, *(mentorship.other for mentorship in policy.mentorships))
    return {email: person.name for person in people for email in person.emails}


def _is_named(person: Person, title: str) -> bool:
    return words((person.name.split()[0],)).search(title) is not None


def _people_signs(mentorship: Mentorship | None, found: Attendance, *, confirmed: bool) -> list[_Sign]:
    if mentorship is None:
        signs = [_Sign(_UNKNOWN_PAIR, "nobody in it but you is in a declared mentorship")]
    elif confirmed:
        return [_Sign(_TITLE, f"you confirmed that this series is {mentorship.name}", topical=True)]
    else:
        role = mentorship.my_role.other.value
        signs = [_Sign(_DECLARED_PAIR, f"you and {mentorship.other.name}, the {role} of {mentorship.name}, are in it")]
    if found.count > 2:
        signs.append(_Sign(_THIRD_PERSON, f"{found.count} people are in it, not two"))
        if found.stranger_organizes:
            signs.append(_Sign(_STRANGERS, "somebody else invited all of you, and comes too"))
    return signs


def _label_signs(event: Event, title: str, policy: Policy, quote: _Quotes) -> list[_Sign]:
    vocab = vocabulary(policy.detection.keywords)
    for category in event.categories:
        if vocab.names(normal(category).strip().removeprefix("#")):
            return [_Sign(_CATEGORY, quote("it has the category", squeezed(category)), topical=True)]
    tag = vocab.hashtag(title)
    return [_Sign(_CATEGORY, quote("the title has the hashtag", tag), topical=True)] if tag else []


def _title_signs(
    title: str, reading: TitleReading, mentorship: Mentorship | None, quote: _Quotes, people: Container[str]
) -> list[_Sign]:
    signs: list[_Sign] = []
    if mentorship and mentorship.match and (match := words(mentorship.match).search(title)):
        text = quote(f"the title has a word of {mentorship.name}'s `match`,", squeezed(match[0]))
        signs.append(_Sign(_TITLE, text.rstrip(","), topical=True))
    if reading.keyword:
        signs.append(_Sign(_TITLE, quote("the title has the keyword", reading.keyword), topical=True))
    elif reading.related:
        signs.append(_Sign(_RELATED, quote("the title has the related word", reading.related)))
    if reading.gathering:
        signs.append(_Sign(_GATHERING, quote("the title names an occasion for many,", reading.gathering).rstrip(",")))
    elif reading.beside:
        text = quote("the title is about something beside mentoring,", reading.beside).rstrip(",")
        signs.append(_Sign(_BESIDE, text))
    if reading.other_kind and not reading.gathering and not any(sign.topical for sign in signs):
        text = quote("the title names another kind of meeting,", reading.other_kind).rstrip(",")
        signs.append(_Sign(_OTHER_KIND, text))
    elif reading.reads_like_another and not any(sign.topical for sign in signs):
        text = quote("the title reads like another kind of meeting, by", reading.reads_like_another).removesuffix(
            ", by"
        )
        signs.append(_Sign(_OTHER_KIND, text))
    if reading.rest_reads_like_another and mentorship is None and not any(word in people for word in title.split()):
        text = quote(
            "the title apart from that reads like another kind of meeting, by", reading.rest_reads_like_another
        )
        signs.append(_Sign(_BESIDE, text.removesuffix(", by")))
    if reading.somebody_elses and mentorship is None and reading.somebody_elses not in people:
        signs.append(_Sign(_BESIDE, quote("the title speaks of the mentor of", reading.somebody_elses)))
    return signs


def _body_signs(
    event: Event,
    policy: Policy,
    mentorship: Mentorship | None,
    reading: TitleReading,
    quote: _Quotes,
    *,
    labelled: bool,
) -> list[_Sign]:
    """What the body adds. A keyword in it says little where the title says that it is something else."""
    vocab = vocabulary(policy.detection.keywords)
    match = mentorship.match if mentorship else ()
    text = body_text(event, may_matter=vocab, wanted=match)
    if not text:
        return []
    if mentorship and match and (found := words(match).search(text)):
        named = quote(f"the body has a word of {mentorship.name}'s `match`,", squeezed(found[0]))
        return [_Sign(_BODY, named.rstrip(","), topical=True)]
    if tag := vocab.hashtag(text):
        return [_Sign(_CATEGORY, quote("the body has the hashtag", tag), topical=True)]
    elsewhere = reading.gathering or reading.beside or reading.other_kind
    keyword, addressed = ("", False) if elsewhere and not labelled else vocab.in_body(text)
    if addressed:
        return [_Sign(_ADDRESSED, quote("the body calls one of you", keyword), topical=True)]
    return [_Sign(_BODY, quote("the body has the keyword", keyword), topical=True)] if keyword else []


def _notes(title: str, found: Attendance, mentorship: Mentorship | None, policy: Policy, quote: _Quotes) -> list[str]:
    """What weighs nothing and explains."""
    notes: list[str] = []
    if mentorship and not found.declined.isdisjoint(mentorship.other.emails):
        notes.append(f"note: {mentorship.other.name} declined it")
    for absent in policy.mentorships:
        if absent.match and absent not in found.present and (match := words(absent.match).search(title)):
            marked = quote(f"note: the title has a word of {absent.name}'s `match`,", squeezed(match[0])).rstrip(",")
            notes.append(f"{marked}; {absent.other.name} is not in it")
    return notes


def _confidence(signs: list[_Sign]) -> float:
    odds = sum(sign.weight for sign in signs)
    return round(min(1 / (1 + exp(-odds)), _MAX_CONFIDENCE), 2)


def _none(reasons: list[str], found: Attendance, notes: list[str] | None = None, confidence: float = 0.0) -> Detection:
    return Detection(
        is_mentorship=False,
        confidence=confidence,
        evidence=_lines([*(notes or []), f"not a session: {'; '.join(reasons)}"]),
        people=tuple(filter(None, found.people)),
    )


def _lines(lines: list[str]) -> tuple[str, ...]:
    """Evidence fit for a terminal and a mail: no control characters, no endless lines."""
    shown = (line if line.isprintable() else "".join(c if c.isprintable() else " " for c in line) for line in lines)
    return tuple(line if len(line) <= _MAX_LINE else f"{line[: _MAX_LINE - 1]}…" for line in shown)
