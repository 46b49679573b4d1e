"""The word with which anybody who may write into an event tells agendad to leave it alone.

A category of that name, or the hashtag in the title or the body, of the event itself, of a copy of it in another
calendar of the user's, or of its series. In doubt it counts: what is left alone by mistake hurts nobody.
"""

import html
import re
from collections.abc import Iterable
from datetime import datetime

from agendad.providers.model import Event, Instance
from agendad.rules.text import MARKER, readable
from agendad.rules.text.untrusted import MAX_TITLE
from agendad.rules.topic import MAX_SOURCE, normal

WORDS = ("no-agendad", "agendad-off")
"""The first one is what people are told of."""

_STEM = "agendad"
_SPACES = re.compile(r"[\s-]+")
_CATEGORY = frozenset(_SPACES.sub("", word) for word in WORDS)
# What tells of the hashtag stands in quotes, such as a message of ours that says how to opt out, and does not count.
_TAG = re.compile(rf"(?<![\w&/#\-\"'“”„‘‚«»‹›「『`])(?<![«‹]\s)#?({'|'.join(WORDS)})(?![\w-])")


def opted_out(event: Event) -> str:
    """Where an event itself says so, in words for the evidence; "" if it does not."""
    for category in event.categories:
        label = normal(category).strip().removeprefix("#")
        if _STEM in label and _SPACES.sub("", label) in _CATEGORY:
            return f'it has the category "{_SPACES.sub("-", label)}"'
    if tag := _tag_in([normal(event.title[:MAX_TITLE])]):
        return f'the title has the hashtag "{tag}"'
    if tag := _tag_in(_written(event)):
        return f'the body has the hashtag "{tag}"'
    return ""


def left_alone(event: Event, copies: Iterable[Event], peers: Iterable[Event], now: datetime) -> str:
    """Where an event, or what belongs to it, says so; "" if nothing does.

    Args:
        event: the occurrence as it stands.
        copies: the same occurrence in the user's other calendars.
        peers: the other occurrences of its series.
        now: aware UTC.
    """
    if why := opted_out(event):
        return why
    for copy in copies:
        if why := opted_out(copy):
            return f"in calendar {copy.calendar} of account {copy.account} {why}"
    if event.instance is not Instance.EXCEPTION:
        return ""
    # An occurrence that was changed keeps its own words; those to come that were not changed have the series'.
    for peer in peers:
        to_come = peer.start.instant is not None and peer.start.instant > now
        if peer.instance is Instance.OCCURRENCE and to_come and (why := opted_out(peer)):
            return f"its series says so: {why}"
    return ""


def _tag_in(lines: Iterable[str]) -> str:
    for line in lines:
        if _STEM in line and (found := _TAG.search(line)):
            return f"#{found[1]}"
    return ""


def _written(event: Event) -> list[str]:
    """The lines of the body, as normal text, without what a reply quotes and what agendad wrote."""
    text, markup = event.text[:MAX_SOURCE], event.html[:MAX_SOURCE]
    if _STEM not in normal(text) and _STEM not in normal(markup):  # most events: reading a body is slow
        return []
    lines = [*html.unescape(text).splitlines(), *readable(text, markup).visible]
    ours = MARKER.casefold()
    return [
        plain for line in lines if not (plain := normal(line).strip()).startswith(">") and not plain.startswith(ours)
    ]
