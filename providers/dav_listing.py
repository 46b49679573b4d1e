"""What changed in one calendar since it was last read, and the objects themselves.

By RFC 6578's token where the server has tokens: one request when nothing changed. Else by the calendar's ctag, and by
the ETags of everything in it. The objects come in batches (RFC 4791 §7.9).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agendad.providers import dav_xml
from agendad.providers.bounded import TooLarge
from agendad.providers.dav_cursor import Cursor
from agendad.providers.dav_discovery import DavCalendar, path_of, spelled
from agendad.providers.dav_http import DavHttp, Refused
from agendad.providers.dav_xml import CTAG, DATA, ETAG, Member, Multistatus
from agendad.providers.errors import AccountUnavailable, EventNotFound
from agendad.providers.remote import MANY

log = logging.getLogger(__name__)

BATCH = 500
"""Objects asked for at once."""
_MANY_PARTS = 1000
"""Parts of one answer at most (RFC 6578 §3.6)."""
_NO_SUCH_REPORT = frozenset({400, 403, 404, 405, 409, 415, 418, 422, 501})
_TOKEN_FORGOTTEN = frozenset({400, 403, 404, 409, 410, 412, 418, 422, 507})
"""RFC 6578 §3.2 wants 403 with DAV:valid-sync-token; servers say it in each of these ways."""


@dataclass(frozen=True, slots=True)
class News:
    """ETags by address: of what changed, or of everything there is if `whole`. `gone` is what is said to be deleted."""

    etags: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    token: str | None = None
    ctag: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """A calendar object; `content` is None where it is gone, or where it is too large to be read."""

    href: str
    etag: str = ""
    content: bytes | None = None
    too_large: bool = False


class Listing:
    """Asks for one calendar. What a server turns out not to have is not asked for again."""

    def __init__(self, http: DavHttp, calendar: DavCalendar) -> None:
        self._http, self.calendar = http, calendar
        self._syncs = calendar.syncs

    def news(self, known: Cursor | None, *, anew: bool) -> News:
        """What changed since a cursor; everything without one, or with `anew`.

        Raises:
            AccountUnavailable: nothing can be concluded.
        """
        if self._syncs and known is not None and known.token and not anew:
            found = self._since(known.token)
            if found is not None and not _tells_what_is_known(found, known):
                return found
        if self._syncs:
            found = self._everything()
            if found is not None:
                return found
            self._syncs = False
            log.info("account %s: %s does not tell what changed", self._http.account, self.calendar.id)
        if known is not None and known.ctag and not anew and self._ctag() == known.ctag:
            return News(ctag=known.ctag)
        return self._listed()

    def _since(self, token: str) -> News | None:
        """None where the server does not know the token any more."""
        try:
            return self._synced(token)
        except Refused as error:
            if error.refusal.status not in _TOKEN_FORGOTTEN and "valid-sync-token" not in error.refusal.conditions:
                raise self._no_calendar(error) from error
            log.info("account %s: %s forgot its token (%s)", self._http.account, self.calendar.id, error)
            return None

    def _everything(self) -> News | None:
        """None where the server has no tokens."""
        try:
            return self._synced("")
        except Refused as error:
            if error.refusal.status not in _NO_SUCH_REPORT:
                raise self._no_calendar(error) from error
            return None

    def _synced(self, token: str) -> News:
        """One answer of RFC 6578, put together where the server cut it (§3.6)."""
        whole, etags, gone = not token, dict[str, str](), set[str]()
        for _ in range(_MANY_PARTS):
            try:
                told = self._http.report(self.calendar.url, dav_xml.sync_collection(token, (ETAG,)), "0")
            except TooLarge:
                raise self._too_much() from None
            cut = False
            for member in told.members:
                if member.status == 507:
                    cut = True
                elif member.status == 404:
                    gone.add(member.href)
                    etags.pop(member.href, None)
                elif self._is_object(member):
                    gone.discard(member.href)
                    etags[member.href] = member.text(ETAG)
            if not cut:
                return News(etags, frozenset(gone), told.token, whole=whole)
            if not told.token or told.token == token:
                break
            token = told.token
        raise self._too_much()

    def _ctag(self) -> str:
        try:
            told = self._http.propfind(self.calendar.url, (CTAG,))
        except Refused as error:
            raise self._no_calendar(error) from error
        return told.members[0].text(CTAG) if told.members else ""

    def _listed(self) -> News:
        """Every object with its ETag, and the ctag of the calendar in the same answer."""
        try:
            told = self._http.propfind(self.calendar.url, (ETAG, CTAG, dav_xml.TYPE), "1")
        except Refused as error:
            raise self._no_calendar(error) from error
        ctag = next((one.text(CTAG) for one in told.members if path_of(one.href) == self.calendar.id), "")
        etags = {one.href: one.text(ETAG) for one in told.members if one.status < 300 and self._is_object(one)}
        return News(etags, ctag=ctag, whole=True)

    def _is_object(self, member: Member) -> bool:
        itself = path_of(member.href) == self.calendar.id
        return (
            not itself and not member.href.endswith("/") and dav_xml.dav("collection") not in member.names(dav_xml.TYPE)
        )

    # objects

    def objects(self, hrefs: Sequence[str]) -> Iterator[list[Object]]:
        """These objects, in batches.

        Raises:
            AccountUnavailable: nothing can be concluded.
        """
        for start in range(0, len(hrefs), BATCH):
            yield self._batch(hrefs[start : start + BATCH])

    def _batch(self, hrefs: Sequence[str]) -> list[Object]:
        """A batch, in halves where it is too large."""
        try:
            told = self._http.report(self.calendar.url, dav_xml.multiget(hrefs, (ETAG, DATA)), "1")
        except Refused as error:
            raise self._no_calendar(error) from error
        except TooLarge:
            if len(hrefs) == 1:
                return [Object(hrefs[0], too_large=True)]
            half = len(hrefs) // 2
            return [*self._batch(hrefs[:half]), *self._batch(hrefs[half:])]
        return self._of(hrefs, told)

    def _of(self, hrefs: Sequence[str], told: Multistatus) -> list[Object]:
        """What was asked for, under the addresses that it was asked for by."""
        asked = {spelled(href): href for href in hrefs}
        found: dict[str, Object] = {}
        for member in told.members:
            href = asked.get(spelled(member.href))
            if href is None:
                continue
            if member.status in (404, 410):
                found[href] = Object(href)
            elif text := member.text(DATA):
                found[href] = Object(href, member.text(ETAG), text.encode())
        missing = [href for href in hrefs if href not in found]
        if len(missing) > MANY:
            raise AccountUnavailable(
                f"{self._http.host} left out {len(missing)} of {len(hrefs)} events that account "
                f"{self._http.account} asked for.",
                not_done="Nothing was concluded.",
                next_step="It is read again at the next pass.",
            )
        return [*found.values(), *map(self._alone, missing)]

    def _alone(self, href: str) -> Object:
        """An object that an answer said nothing of."""
        try:
            found = self._http.get(self._http.address(href, self.calendar.url))
        except EventNotFound:
            return Object(href)
        return Object(href, found.etag, found.content)

    def _no_calendar(self, error: Refused) -> AccountUnavailable:
        if error.refusal.status not in (404, 410):
            return self._http.cannot(error)
        return AccountUnavailable(
            f"The account {self._http.account!r} has no calendar {self.calendar.id!r} any more ({error}).",
            not_done="Nothing of it was concluded, and nothing is taken to be gone.",
            next_step="If it was moved or deleted, correct `calendars` of the account.",
        )

    def _too_much(self) -> AccountUnavailable:
        return AccountUnavailable(
            f"{self._http.host}'s list of events in {self.calendar.id!r} comes to no end.",
            not_done="Nothing was concluded from it.",
            next_step="It is read again at the next pass. If that goes on, ask whoever runs the server.",
        )


def _tells_what_is_known(found: News, known: Cursor) -> bool:
    """Whether a server that was given a token told everything there is: some take any token, and tell no deletions."""
    if not found.etags or len(found.etags) < len(known.entries) / 2:
        return False
    same = sum(1 for href, etag in found.etags.items() if href in known.entries and known.entries[href].etag == etag)
    return same * 2 > len(found.etags)
