"""What could not be confirmed about Microsoft Graph: one switch for each, so that a suite can run both ways."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal


@dataclass
class Switches:
    """The defaults are what is documented or reported most often; none of them is to be relied on."""

    # calendarView/delta

    empty_pages: bool = False
    """Every second page of a round is empty, the first one among them, and has a nextLink."""

    duplicates: bool = False
    """Each page begins with the last item of the page before."""

    replays: bool = False
    """An increment begins with an item that did not change since the last one."""

    series_split_over_pages: bool = True
    """A series' items may come on several pages; otherwise a page grows beyond its size to keep them together."""

    masters_in_delta: Literal["first-dates", "absent"] = "first-dates"
    """A master comes with the dates of its first occurrence, also when those are outside the window; or never."""

    deleted_occurrence: Literal["master", "silent", "removed"] = "master"
    """A deleted occurrence is told by its master and the remaining occurrences, by nothing at all, or by @removed."""

    rescheduled_series: Literal["left", "removed"] = "left"
    """The occurrences that a series had before it was rescheduled get no sign, or @removed."""

    deleted_series: Literal["master", "occurrences"] = "master"
    """A deleted series is told by @removed of its master alone, or of its occurrences too."""

    delta_etags_of_their_own: bool = False
    """Items of a delta have etags in another form than GET has: never equal, and naming the same state."""

    gone_code: Literal["SyncStateNotFound", "syncStateNotFound", "resyncRequired"] = "SyncStateNotFound"
    """The code of the 410 that an expired state gets."""

    # Events

    if_match: Literal["honoured", "ignored"] = "honoured"
    """Whether If-Match guards writes of events; it is documented for neither."""

    series_share_change_key: bool = True
    """A master, its occurrences and its exceptions have one changeKey; otherwise an exception has its own."""

    occurrence_ical_uid: Literal["dated", "masters"] = "dated"
    """An occurrence's iCalUId has its date inside, or is the master's."""

    original_start_of_occurrences: bool = True
    """originalStart is shown for occurrences and exceptions, or for exceptions only."""

    write_answer_zone: Literal["utc", "original"] = "utc"
    """The zone of start and end in the answers to POST and PATCH; Prefer never decides it."""

    decline_removes: bool = True
    """Declining moves the event to Deleted Items; otherwise it stays, declined and free."""

    attendee_delete_declines: bool = False
    """An attendee's DELETE tells the organizer; otherwise it removes the copy and nothing else."""

    silent_patches: Literal["categories", "personal"] = "categories"
    """The PATCHes that mail nobody: of categories, or also of reminders, showAs, sensitivity and extensions."""

    get_of_deleted: Literal["gone", "found"] = "gone"
    """An immutable id whose event went to Deleted Items is 404, or still finds it there."""

    iana_zones: Literal["all", "documented"] = "all"
    """Which IANA names requests may use: all, or those that the documentation of dateTimeTimeZone lists."""

    # Mail

    message_id_kept: bool = True
    """sendMail keeps the Message-ID that it is given, or puts one of its own in its place."""

    @classmethod
    def both_ways(cls) -> Iterator[tuple[str, "Switches"]]:
        """The default, then each switch by itself in each other position, with a name for the test's id."""
        yield "default", cls()
        for name, position in POSITIONS:
            yield f"{name}={position}", dataclasses.replace(cls(), **{name: position})


POSITIONS: tuple[tuple[str, Any], ...] = (
    ("empty_pages", True),
    ("duplicates", True),
    ("replays", True),
    ("series_split_over_pages", False),
    ("masters_in_delta", "absent"),
    ("deleted_occurrence", "silent"),
    ("deleted_occurrence", "removed"),
    ("rescheduled_series", "removed"),
    ("deleted_series", "occurrences"),
    ("delta_etags_of_their_own", True),
    ("gone_code", "syncStateNotFound"),
    ("gone_code", "resyncRequired"),
    ("if_match", "ignored"),
    ("series_share_change_key", False),
    ("occurrence_ical_uid", "masters"),
    ("original_start_of_occurrences", False),
    ("write_answer_zone", "original"),
    ("decline_removes", False),
    ("attendee_delete_declines", True),
    ("silent_patches", "personal"),
    ("get_of_deleted", "found"),
    ("iana_zones", "documented"),
    ("message_id_kept", False),
)
"""Each position that is not the default."""
