"""Identifiers of items: one item, several ids.

Without `Prefer: IdType="ImmutableId"` an item's id names the folder too, and changes when the item is moved; with it
the id lasts as long as the item is in the mailbox. An occurrence's id is its series' with the original start inside.
Ids are of one mailbox: the organizer's copy and a guest's have nothing in common but the iCalUId. They are base64
with `-` for `/` and `_` for `+`, and case-sensitive: two ids may differ in one such character.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_MUTABLE, _IMMUTABLE = b"\x00\x03\x24\x00", b"\x00\x09\x00\x2e\x00\x00\x00\x00\x00"
_FOLDER = b"\x00\x2e\x00"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_PROVIDER = "040000008200E00074C5B7101A82E008"


@dataclass(frozen=True)
class Parsed:
    immutable: bool
    mailbox: UUID
    folder: int
    """Of a mutable id."""
    number: int
    key: str | None
    """An occurrence's original start."""


def item_id(mailbox: UUID, folder: int, number: int, key: str | None, *, immutable: bool) -> str:
    tail = struct.pack(">QQ", number, _filetime(datetime.fromisoformat(key)) if key else 0)
    if immutable:
        return _coded(_IMMUTABLE + mailbox.bytes + tail)
    return _coded(_MUTABLE + str(mailbox).encode() + b"\x00\x46\x00" + struct.pack(">I", folder) + tail)


def parse(text: str) -> Parsed | None:
    try:
        raw = base64.b64decode(text, altchars=b"_-", validate=True)
        if raw.startswith(_IMMUTABLE):
            (mailbox, folder), rest = (UUID(bytes=raw[9:25]), 0), raw[25:]
        elif raw.startswith(_MUTABLE) and raw[40:43] == b"\x00\x46\x00":
            (mailbox, folder), rest = (UUID(raw[4:40].decode()), struct.unpack(">I", raw[43:47])[0]), raw[47:]
        else:
            return None
        number, when = struct.unpack(">QQ", rest)
    except (ValueError, binascii.Error, struct.error):
        return None
    key = f"{_EPOCH + timedelta(microseconds=when // 10):%Y-%m-%dT%H:%M:%SZ}" if when else None
    return Parsed(raw.startswith(_IMMUTABLE), mailbox, folder, number, key)


def calendar_id(mailbox: UUID, folder: int) -> str:
    """Folders have one id, that does not change."""
    return _coded(_MUTABLE + str(mailbox).encode() + _FOLDER + struct.pack(">QQ", folder, 0))


def change_key(mailbox: UUID, change: int) -> str:
    return base64.b64encode(mailbox.bytes + struct.pack(">Q", change)[2:]).decode()


def etag(key: str) -> str:
    return f'W/"{key}"'


def delta_etag(key: str) -> str:
    """The longer form, as reports of delta answers show it: the same key behind a type."""
    return f'W/"{base64.b64encode(bytes.fromhex("0f00000016000000") + base64.b64decode(key)).decode()}"'


def ical_uid(made: datetime, unique: bytes) -> str:
    """A GlobalObjectId: provider, instance date (none), creation time, size, unique part."""
    return (
        _PROVIDER + "00000000" + struct.pack("<Q", _filetime(made)).hex() + "00" * 8 + "10000000" + unique.hex()
    ).upper()


def dated_ical_uid(uid: str, key: str) -> str:
    """An occurrence's: the series' one with the original day in the place of the instance date."""
    if not uid.startswith(_PROVIDER):
        return uid
    day = datetime.fromisoformat(key)
    return uid[:32] + f"{day.year:04X}{day.month:02X}{day.day:02X}" + uid[40:]


def _filetime(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds()) * 10_000_000


def _coded(raw: bytes) -> str:
    return base64.b64encode(raw, altchars=b"_-").decode()
