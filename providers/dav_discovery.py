"""Where an account's calendars are, and what may be done there.

From the address that was configured to the principal (RFC 5397), from there to the calendar homes (RFC 4791 §6.2.1),
and to the calendars in them; where the address leads nowhere, over /.well-known/caldav of its host (RFC 6764 §5).
An address that is a calendar itself is one, and nothing else is looked for.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from agendad.providers.dav_http import DavHttp, Refused
from agendad.providers.dav_xml import NAME, TYPE, Member, Multistatus, cal, dav
from agendad.providers.errors import AccountUnavailable

log = logging.getLogger(__name__)

_CALENDAR, _SUBSCRIBED = cal("calendar"), "{http://calendarserver.org/ns/}subscribed"
_PRINCIPAL, _HOME, _OWNER = dav("current-user-principal"), cal("calendar-home-set"), dav("owner")
_PRIVILEGES, _REPORTS = dav("current-user-privilege-set"), dav("supported-report-set")
_COMPONENTS, _ADDRESSES = cal("supported-calendar-component-set"), cal("calendar-user-address-set")
_OF_CALENDAR = (TYPE, NAME, _OWNER, _PRIVILEGES, _REPORTS, _COMPONENTS)
_WRITING = frozenset(map(dav, ("all", "write", "write-content")))
AUTO_SCHEDULE = "calendar-auto-schedule"
"""In the DAV header: the server tells guests and organizers itself (RFC 6638 §2)."""
_AS_IN_A_PATH = "/~!$&'()*+,;=:@"
# Servers that are no CalDAV at an address say so in many ways, a page for people among them.
_NOT_HERE = frozenset({200, 400, 403, 404, 405, 409, 410, 501})


@dataclass(frozen=True, slots=True, kw_only=True)
class DavCalendar:
    """One calendar on a server."""

    id: str
    """Its path there, spelled in one way and with a slash at its end."""
    url: str
    name: str
    """As people know it; "" where it has none."""
    writable: bool
    mine: bool
    """False where somebody else shares it."""
    owner: str = ""
    syncs: bool
    """Whether it tells what changed since a token (RFC 6578)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What an account has on a server."""

    calendars: tuple[DavCalendar, ...]
    schedules: bool = False
    """Whether the server sends invitations and answers itself."""
    addresses: frozenset[str] = frozenset()
    """Those under which it knows the account's person (RFC 6638 §2.4.1), in lower case."""


def discover(http: DavHttp, paths: Iterable[str] = ()) -> Site:
    """Look for an account's calendars, and at others that are named by their paths.

    Raises:
        AccountUnavailable: there are none, or they cannot be reached.
        SignInNeeded: the sign-in is not taken.
    """
    here = _start(http)
    member = here.members[0]
    if _CALENDAR in member.names(TYPE):
        features, principal = _features(http, here), member.hrefs(_PRINCIPAL)[:1]
        known = _person(http, principal, here.at)[1] if AUTO_SCHEDULE in features else None
        return _site(http, tuple(_calendars(http, here, _path(http, principal, here.at))), features, known)
    homes, known, principal_id = _person(http, member.hrefs(_PRINCIPAL)[:1], here.at)
    homes = homes or tuple(http.address(href, here.at) for href in member.hrefs(_HOME)) or (here.at,)
    calendars: dict[str, DavCalendar] = {}
    features = frozenset()
    for home in homes:
        listed = _ask(http, home, _OF_CALENDAR, "1")
        features |= _features(http, listed)
        calendars |= {one.id: one for one in _calendars(http, listed, principal_id)}
    more = [path for path in paths if path_of(path) not in calendars]
    if more:
        calendars |= {one.id: one for one in look_at(http, more).calendars}
    return _site(http, tuple(calendars.values()), features, known)


def look_at(http: DavHttp, paths: Iterable[str]) -> Site:
    """Look at calendars that are named by their paths or addresses, one request for each.

    Raises:
        AccountUnavailable: one of them is none, or it cannot be reached.
        SignInNeeded: the sign-in is not taken.
    """
    calendars: list[DavCalendar] = []
    features: frozenset[str] = frozenset()
    known: frozenset[str] | None = None
    for path in paths:
        url = http.address(path_of(path), http.root)
        try:
            told = http.propfind(url, (_PRINCIPAL, *_OF_CALENDAR))
        except Refused as error:
            if error.refusal.status not in _NOT_HERE:
                raise http.cannot(error) from error
            raise _no_calendar(http, path, str(error)) from error
        principal = told.members[0].hrefs(_PRINCIPAL)[:1] if told.members else ()
        found = list(_calendars(http, told, _path(http, principal, told.at)))
        if not found:
            raise _no_calendar(http, path, "it is no calendar of events")
        features = _features(http, told)
        if AUTO_SCHEDULE in features and not known:
            known = _person(http, principal, told.at)[1]
        calendars += found
    return _site(http, tuple(calendars), features, known)


def _path(http: DavHttp, hrefs: Sequence[str], base: str) -> str:
    return path_of(http.address(hrefs[0], base)) if hrefs else ""


def _no_calendar(http: DavHttp, path: str, said: str) -> AccountUnavailable:
    return AccountUnavailable(
        f"{http.host} has no calendar {path!r} for account {http.account} ({said}).",
        not_done="Nothing was read.",
        next_step="Correct `calendars` of the account, or leave it out: `agendad doctor` tells which there are.",
    )


def _site(
    http: DavHttp, calendars: tuple[DavCalendar, ...], features: frozenset[str], known: frozenset[str] | None
) -> Site:
    """`known` are the addresses of the account's person, None where the server did not say."""
    if not calendars:
        raise AccountUnavailable(
            f"{http.host} has no calendar for account {http.account} at {urlsplit(http.root).path or '/'}.",
            not_done="Nothing was read.",
            next_step="Make a calendar there, or correct `url` (docs/caldav.md has those of well-known services).",
        )
    schedules = AUTO_SCHEDULE in features
    if schedules and known is None:
        raise _not_said(http, "it sends invitations itself, and does not say which addresses are yours")
    return Site(calendars=calendars, schedules=schedules, addresses=known or frozenset())


def _start(http: DavHttp) -> Multistatus:
    """The configured address, or where /.well-known/caldav of its host leads."""
    names = (_PRINCIPAL, _HOME, *_OF_CALENDAR)
    try:
        found = http.propfind(http.root, names)
    except Refused as error:
        if error.refusal.status not in _NOT_HERE:
            raise http.cannot(error) from error
    else:
        if found.members and _leads_on(found.members[0]):
            return found
    log.info("account %s: looking at /.well-known/caldav", http.account)
    parts = urlsplit(http.root)
    try:
        known = http.propfind(f"{parts.scheme}://{parts.netloc}/.well-known/caldav", names)
    except Refused as error:
        if error.refusal.status not in _NOT_HERE:
            raise http.cannot(error) from error
        raise _no_caldav(http, str(error)) from error
    if not known.members:
        raise _no_caldav(http, "an empty answer")
    return known


def _leads_on(member: Member) -> bool:
    return bool(member.hrefs(_PRINCIPAL) or member.hrefs(_HOME) or _CALENDAR in member.names(TYPE))


def _no_caldav(http: DavHttp, said: str) -> AccountUnavailable:
    return AccountUnavailable(
        f"There is no CalDAV at {http.root}, nor at /.well-known/caldav of {http.host} ({said}).",
        not_done="Nothing was read.",
        next_step="Correct `url` of the account; docs/caldav.md has those of well-known services.",
    )


def _not_said(http: DavHttp, said: str) -> AccountUnavailable:
    """Taking silence for a no would have guests told twice, or by nobody."""
    return AccountUnavailable(
        f"{http.host} does not say whether it tells the guests of account {http.account} of changes ({said}).",
        not_done="Nothing was read, so that nobody is told twice.",
        next_step="It is asked again at the next pass. If that goes on, ask whoever runs the server.",
    )


def _person(http: DavHttp, principal: Sequence[str], base: str) -> tuple[tuple[str, ...], frozenset[str] | None, str]:
    """The homes of a principal, the addresses that it is known by (None where that is not said), and its path."""
    if not principal:
        return (), None, ""
    url = http.address(principal[0], base)
    told = _ask(http, url, (_HOME, _ADDRESSES), "0")
    if not told.members:
        return (), None, ""
    member = told.members[0]
    homes = tuple(dict.fromkeys(http.address(href, told.at) for href in member.hrefs(_HOME)))
    said = _ADDRESSES in member.props or _ADDRESSES in member.lacks
    return homes, frozenset(_emails(member.hrefs(_ADDRESSES))) if said else None, path_of(url)


def _emails(addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "mailto":
            yield unquote(rest).strip().lower()


def _ask(http: DavHttp, url: str, names: tuple[str, ...], depth: str) -> Multistatus:
    try:
        return http.propfind(url, names, depth)
    except Refused as error:
        raise http.cannot(error) from error


def _features(http: DavHttp, told: Multistatus) -> frozenset[str]:
    """Some servers name them only where they are asked for nothing else."""
    if told.features is not None:
        return told.features
    try:
        features = http.features(told.at)
    except Refused as error:
        raise _not_said(http, str(error)) from error
    if features is None:
        raise _not_said(http, "no DAV header")
    return features


def _calendars(http: DavHttp, listed: Multistatus, principal: str) -> Iterator[DavCalendar]:
    """Those that hold events and are no copies of what lies elsewhere."""
    for member in listed.members:
        types, kinds = member.names(TYPE), member.props.get(_COMPONENTS)
        events = kinds is None or len(kinds) == 0 or any(one.get("name", "").upper() == "VEVENT" for one in kinds)
        if member.status >= 300 or _CALENDAR not in types or _SUBSCRIBED in types or not events:
            continue
        url = http.address(member.href, listed.at)
        privileges, reports = member.names(_PRIVILEGES), member.names(_REPORTS)
        owner = "".join(path_of(http.address(href, listed.at)) for href in member.hrefs(_OWNER)[:1])
        yield DavCalendar(
            id=path_of(url),
            url=url,
            name=member.text(NAME),
            writable=not privileges or bool(privileges & _WRITING),
            mine=not owner or not principal or owner == principal,
            owner=owner,
            syncs=not reports or dav("sync-collection") in reports,
        )


def path_of(url: str) -> str:
    """A collection's path, spelled in one way: servers and people write `@` and `%40`, and leave out the last slash.

    >>> path_of("https://dav.example.org/grace%40example.org/work")
    '/grace@example.org/work/'
    """
    return quote(unquote(urlsplit(url).path), safe=_AS_IN_A_PATH).rstrip("/") + "/"


def spelled(href: str) -> str:
    """The path of an address in an answer in one spelling, to compare it by."""
    return quote(unquote(urlsplit(href).path), safe=_AS_IN_A_PATH)
