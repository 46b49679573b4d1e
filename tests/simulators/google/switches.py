"""What could not be confirmed about Google Calendar: one switch for each, so that a suite can run both ways."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal


@dataclass
class Switches:
    """The defaults are what is reported most often; none of them is to be relied on."""

    empty_pages: bool = False
    """Every second page of a list is empty and has a nextPageToken."""

    sync_token_missing: bool = False
    """The last page of a first listing that was bounded by timeMin or timeMax has no nextSyncToken."""

    increments_bounded_by_window: bool = False
    """The timeMin and timeMax of the first listing bound what later increments bring (deletions excepted)."""

    minimal_tombstones_without_etag: bool = False
    """A cancelled exception in a list has no etag."""

    get_of_cancelled: Literal["full", "minimal", "gone"] = "full"
    """events.get of a cancelled event: all fields, the guaranteed fields only, or 410 `deleted`."""

    silent_old_instances: bool = False
    """When a series is rescheduled, an increment with singleEvents=true says nothing of the old instances."""

    deleted_series: Literal["instances", "master"] = "instances"
    """An increment with singleEvents=true tells of a deleted series by each instance, or by the master alone."""

    locked_copies: bool = False
    """Every guest's copy refuses edits of the main fields (403 `forbiddenForNonOrganizer`)."""

    private_properties_by_guests: Literal["allowed", "forbidden"] = "allowed"
    """Whether a non-organizer may PATCH extendedProperties.private of the own copy."""

    unannounced_changes_reach_guests: bool = True
    """Whether an organizer's change reaches the guests' copies although sendUpdates told nobody."""

    @classmethod
    def both_ways(cls) -> list[tuple[str, "Switches"]]:
        """The default, then each switch by itself in each other position, with a name for the test's id."""
        others = [
            (f"{name}={position}", dataclasses.replace(cls(), **{name: position})) for name, position in POSITIONS
        ]
        return [("default", cls()), *others]


POSITIONS: tuple[tuple[str, Any], ...] = (
    ("empty_pages", True),
    ("sync_token_missing", True),
    ("increments_bounded_by_window", True),
    ("minimal_tombstones_without_etag", True),
    ("get_of_cancelled", "minimal"),
    ("get_of_cancelled", "gone"),
    ("silent_old_instances", True),
    ("deleted_series", "master"),
    ("locked_copies", True),
    ("private_properties_by_guests", "forbidden"),
    ("unannounced_changes_reach_guests", False),
)
"""Each position that is not the default."""
