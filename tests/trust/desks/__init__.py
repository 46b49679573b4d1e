"""The calendars of the stateful test, one a module: what people do in them by hand, and what anyone sees there."""

from trust.desks.base import CANCELS_A_DAY, LADDERS, OTHERS, Desk, Died, Key, Notice, Shown, Write
from trust.desks.caldav import CaldavDesk
from trust.desks.folder import FolderDesk
from trust.desks.google import GoogleDesk
from trust.desks.outlook import OutlookDesk

__all__ = [
    "CANCELS_A_DAY", "LADDERS", "OTHERS", "CaldavDesk", "Desk", "Died", "FolderDesk", "GoogleDesk", "Key", "Notice",
    "OutlookDesk", "Shown", "Write",
]  # fmt: skip
