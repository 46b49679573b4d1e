"""What a vendor knows of a person: whose calendar it is, its time zone, and when they work."""

from collections.abc import Mapping
from dataclasses import dataclass

Hours = Mapping[str, tuple[tuple[int, int], ...]]
"""By day (mon to sun), the spans of work in minutes after midnight; days without are left out."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A person at a vendor."""

    address: str | None
    """None where the sign-in does not let it be asked for."""
    zone: str | None
    """An IANA name."""
    hours: Hours | None
    """None where the vendor has none: they are for organizations."""
    place: str = "Google Calendar"
    """Where the hours are kept, in words."""
    others: tuple[str, ...] = ()
    """Further addresses of the same person."""
    remarks: tuple[str, ...] = ()
    """What else there is to say."""
