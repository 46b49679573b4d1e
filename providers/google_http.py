"""What Google's client talks through, httplib2, with answers of bounded size.

httplib2 reads an answer as a whole; how much that is, is decided where the answer itself is read.
"""

import http.client
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httplib2

from agendad.providers.bounded import MAX_ANSWER, TIMES, TooLarge, Unpackable, unpacked

_AT_ONCE = 64 * 1024


class Overlong(TooLarge, http.client.HTTPException):
    """As TooLarge, in the family of errors that Google's libraries expect of a connection."""


class _Answer(http.client.HTTPResponse):
    """An answer that is read up to a size, and unpacked on the way."""

    def __init__(self, *args: Any, most: int, within: float, **more: Any) -> None:
        super().__init__(*args, **more)
        self._most, self._within = most, within

    def read(self, amt: int | None = None) -> bytes:
        if amt is not None:
            return super().read(amt)
        packed = self.headers.get("Content-Encoding", "")
        del self.headers["Content-Encoding"]
        try:
            return unpacked(self._parts(), packed, self._most, self._within)
        except TooLarge as error:
            self.close()
            raise Overlong(str(error)) from error
        except Unpackable as error:
            self.close()
            raise http.client.HTTPException(str(error)) from error

    def _parts(self) -> Iterator[bytes]:
        """As they come. How many are left is counted here, as `read1` did not before Python 3.11.8."""
        left = self.length
        while left != 0 and (part := self.read1(_AT_ONCE if left is None else min(left, _AT_ONCE))):
            left = None if left is None else left - len(part)
            yield part
        if left:  # of what Content-Length promised
            raise http.client.IncompleteRead(b"", left)
        if left == 0:
            self.length = 0
            super().read()  # its end


class BoundedHttp(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """httplib2, of whose answers at most `most` bytes are read."""

    def __init__(self, *, timeout: float, most: int = MAX_ANSWER, **more: Any) -> None:
        super().__init__(timeout=timeout, **more)
        reads = {"response_class": partial(_Answer, most=most, within=TIMES * timeout)}
        self._kinds = {
            "http": type("Plain", (httplib2.HTTPConnectionWithTimeout,), reads),
            "https": type("Encrypted", (httplib2.HTTPSConnectionWithTimeout,), reads),
        }

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """As httplib2's.

        Raises:
            Overlong: the answer has more than `most` bytes, unpacked.
        """
        more["connection_type"] = self._kinds.get(urlsplit(uri).scheme)
        only = {**(headers or {}), "accept-encoding": "gzip"}
        answer: tuple[httplib2.Response, bytes] = super().request(uri, method, body=body, headers=only, **more)
        return answer
