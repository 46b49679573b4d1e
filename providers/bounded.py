"""Answers are read up to a size and for a time, and unpacked as they come: what a broken server has beyond is left.

Only gzip is asked for and unpacked. What is packed twice, or in another way, is no answer that can be read.
"""

import time
import zlib
from collections.abc import Iterable
from typing import Any

import httpx

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of one answer, unpacked: the largest pages that services give have a tenth of it."""
MAX_SIGN_IN = 1024 * 1024
"""Bytes of an answer to a sign-in, which has some thousands."""
TIMES = 10
"""An answer has so many times as long as a silence in it may last."""
_AS_IT_IS, _GZIP = ("", "identity"), ("gzip", "x-gzip")


class TooLarge(Exception):
    """An answer has more bytes than are read of one; it was not read to its end. The message says what is wrong."""


class TooSlow(TooLarge):
    """The same of one that comes byte by byte."""


class Unpackable(Exception):
    """An answer is packed in a way that was not asked for, or not packed as it says."""


def in_megabytes(size: int) -> str:
    """A bound for a person.

    >>> in_megabytes(64 * 1024 * 1024), in_megabytes(6000)
    ('64 MB', '6000 bytes')
    """
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size} bytes"


def request(client: httpx.Client, method: str, url: str, *, most: int = MAX_ANSWER, **more: Any) -> httpx.Response:
    """As `client.request`, and the answer has at most so many bytes, unpacked.

    Raises:
        TooLarge: it has more.
        TooSlow: it takes longer than `TIMES` the client's timeout.
        httpx.HTTPError: there is none that can be read.
    """
    within = TIMES * (client.timeout.read or 60.0)
    headers = {"Accept-Encoding": "gzip", **(more.pop("headers", None) or {})}
    with client.stream(method, url, headers=headers, **more) as answer:
        try:
            content = unpacked(answer.iter_raw(), answer.headers.get("content-encoding", ""), most, within)
        except Unpackable as error:
            raise httpx.DecodingError(str(error), request=answer.request) from error
    kept = [(name, value) for name, value in answer.headers.raw if name.lower() not in _OF_THE_WAY]
    return httpx.Response(answer.status_code, headers=kept, content=content, request=answer.request)


_OF_THE_WAY = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})


def unpacked(parts: Iterable[bytes], encoding: str, most: int, within: float) -> bytes:
    """What comes in parts, unpacked.

    Args:
        parts: as they come over the wire, each of bounded size.
        encoding: what Content-Encoding says of them; "" where it says nothing.
        most: bytes, unpacked, and packed ones too.
        within: seconds.

    Raises:
        TooLarge: there is more.
        TooSlow: it has not ended by then.
        Unpackable: it is no such encoding.
    """
    kind = encoding.strip().lower()
    if kind not in (*_AS_IT_IS, *_GZIP):
        raise Unpackable(f"it is packed as {kind[:40]!r}")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if kind in _GZIP else None
    whole, came, until = bytearray(), 0, time.monotonic() + within
    for part in parts:
        came += len(part)
        whole += _unpack(unpack, part, most - len(whole) + 1) if unpack else part
        if max(came, len(whole)) > most:
            raise TooLarge(f"it is larger than {in_megabytes(most)}")
        if time.monotonic() > until:
            raise TooSlow(f"it had not ended after {within:.0f} seconds")
    if unpack is not None and came and not unpack.eof:
        raise Unpackable("it is packed, and ends before its end")
    return bytes(whole)


def _unpack(unpack: Any, part: bytes, most: int) -> bytes:  # zlib's object has no public type
    try:
        return bytes(unpack.decompress(part, most))
    except zlib.error as error:
        raise Unpackable("it is not packed as it says") from error
