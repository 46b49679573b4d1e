"""The calendars of the stateful test, one a module: what people do in them by hand, and what anyone sees there."""

from trust.calendars.base import CANCELS_A_DAY, LADDERS, OTHERS, Desk, Died, Key, Notice, Shown, Write
from trust.calendars.caldav import CaldavDesk
from trust.calendars.folder import FolderDesk
from trust.calendars.google import GoogleDesk
from trust.calendars.outlook import OutlookDesk

__all__ = [
    "CANCELS_A_DAY", "LADDERS", "OTHERS", "CaldavDesk", "Desk", "Died", "FolderDesk", "GoogleDesk", "Key", "Notice",
    "OutlookDesk", "Shown", "Write",
]  # fmt: skip
