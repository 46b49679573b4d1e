"""Changes to an input that its format is likely to stumble over, by chance; the same seed, the same changes."""

import json
from random import Random
from typing import Any

_BYTES = (
    b"\x00",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b"\r\n ",
    b"\xe2\x80\xae",
    b"\xcc\x80" * 50,
    b"\xed\xa0\x80",
    b"\x1b[2J",
    b"{{ 7*7 }}",
    b"9" * 40,
    b"-1",
    b"0",
    b"1e999",
    b"99999999T999999Z",
    b"20261301T250000Z",
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"RRULE:FREQ=SECONDLY\r\n",
    b"DTSTART;TZID=Nowhere/At:",
    b";VALUE=DATE:",
    b'"',
    b"\\n",
    b"<div>" * 40,
    b"<!--",
    b"]]>",
    b"&#x0;",
    b"&*a",
    b"!!python/object:os.system",
    b"- " * 50,
    b": ",
    b"\t",
    b"| ",
    b"mailto:",
    b"@",
    b"ada@example.com",
    b"Mentoring",
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    "",
    "x" * 5000,
    "\u202e\x00",
    [],
    {},
    [[]],
    {"dateTime": "x"},
    "2026-02-30",
    "0000-00-00T99:99:99Z",
)


def mutated(data: bytes, chance: Random, *, shape: str = "bytes") -> bytes:
    """`data` with a few changes; for the shape "json" half of them are made to its values."""
    if shape == "json" and chance.random() < 0.5:
        try:
            whole = json.loads(data)
        except ValueError:
            return _bytewise(data, chance)
        for _ in range(chance.randint(1, 4)):
            whole = _valuewise(whole, chance)
        return json.dumps(whole).encode("utf-8", "surrogatepass")
    return _bytewise(data, chance)


def _bytewise(data: bytes, chance: Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randint(0, len(made)), chance.randint(0, 40)
        match chance.randint(0, 5):
            case 0:
                made[at : at + length] = b""
            case 1:
                made[at:at] = chance.choice(_BYTES)
            case 2:
                made[at : at + length] = chance.choice(_BYTES)
            case 3:
                made[at:at] = made[at : at + 10 * length]
            case 4 if at < len(made):
                made[at] = chance.randrange(256)
            case _:
                other = chance.randint(0, len(made))
                made[at : at + length] = made[other : other + length]
    return bytes(made[:200_000])


def _valuewise(whole: Any, chance: Random) -> Any:
    places = list(_places(whole, ()))
    path = chance.choice(places)
    return _put(whole, path, chance.choice(_VALUES), gone=chance.random() < 0.25)


def _places(whole: Any, path: tuple[Any, ...]) -> Any:
    yield path
    inside = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for key, value in inside:
        yield from _places(value, (*path, key))


def _put(whole: Any, path: tuple[Any, ...], value: Any, *, gone: bool) -> Any:
    if not path:
        return value
    key, *rest = path
    copied = dict(whole) if isinstance(whole, dict) else list(whole)
    if gone and not rest:
        del copied[key]
    else:
        copied[key] = _put(copied[key], tuple(rest), value, gone=gone)
    return copied
