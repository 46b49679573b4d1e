"""The XML of WebDAV: what is asked with, and what a multistatus answers (RFC 4918 §13, RFC 6578 §3, RFC 4791 §9).

A server's XML is not trusted: no document type, so no entities; nothing is fetched; depth and size are bounded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

DAV, CAL, CS = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://calendarserver.org/ns/"
_PREFIXES = {"D": DAV, "C": CAL, "CS": CS}

Element = Any
"""An element of lxml's."""


class UnreadableXml(ValueError):
    """An answer that is no XML, or none that is taken from a server."""


def dav(name: str) -> str:
    """A name of RFC 4918's, as lxml has it.

    >>> dav("href")
    '{DAV:}href'
    """
    return f"{{{DAV}}}{name}"


def cal(name: str) -> str:
    """A name of RFC 4791's."""
    return f"{{{CAL}}}{name}"


ETAG, TYPE, NAME, TOKEN = dav("getetag"), dav("resourcetype"), dav("displayname"), dav("sync-token")
CTAG, DATA, SCHEDULE_TAG = f"{{{CS}}}getctag", cal("calendar-data"), cal("schedule-tag")


@dataclass(frozen=True, slots=True)
class Member:
    """One resource in an answer: its address as the server spells it, and the properties that it has.

    `status` is 404 for what is gone (RFC 6578 §3.5), 507 for what the list was cut at (§3.6), else 200.
    """

    href: str
    status: int
    props: Mapping[str, Element]
    lacks: frozenset[str] = frozenset()
    """The properties that it is said not to have (404), which is not the same as nothing said about them."""

    def text(self, name: str) -> str:
        """What a property holds as text; "" where the resource does not have it."""
        found = self.props.get(name)
        return "" if found is None else "".join(found.itertext()).strip()

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The addresses in a property."""
        found = self.props.get(name)
        return () if found is None else tuple(_hrefs(found))

    def names(self, name: str) -> frozenset[str]:
        """The names of all elements in a property: types, privileges, reports."""
        found = self.props.get(name)
        if found is None:
            return frozenset()
        return frozenset(one.tag for one in found.iterdescendants() if isinstance(one.tag, str))


@dataclass(frozen=True, slots=True)
class Multistatus:
    """RFC 4918 §13, with the token that RFC 6578 adds."""

    members: tuple[Member, ...] = ()
    token: str | None = None
    features: frozenset[str] | None = None
    """What the DAV header names (RFC 4918 §10.1); None where there was none."""
    at: str = ""
    """The address that answered, after redirects."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body, made of nested names."""

    root: str
    children: list["Body | str"] = field(default_factory=list)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        told: bytes = etree.tostring(self.element(None), xml_declaration=True, encoding="utf-8")
        return told

    def element(self, parent: Element) -> Element:
        made = etree.Element(self.root, nsmap=_PREFIXES) if parent is None else etree.SubElement(parent, self.root)
        for name, value in self.attributes.items():
            made.set(name, value)
        for child in self.children:
            if isinstance(child, str):
                made.text = child
            else:
                child.element(made)
        return made


def propfind(names: Iterable[str]) -> bytes:
    """RFC 4918 §14.20: named properties."""
    return Body(dav("propfind"), [_prop(names)]).bytes()


def sync_collection(token: str, names: Iterable[str]) -> bytes:
    """RFC 6578 §6.1. An empty token asks for everything."""
    level = Body(dav("sync-level"), ["1"])
    return Body(dav("sync-collection"), [Body(TOKEN, [token] if token else []), level, _prop(names)]).bytes()


def multiget(hrefs: Iterable[str], names: Iterable[str]) -> bytes:
    """RFC 4791 §9.10."""
    return Body(cal("calendar-multiget"), [_prop(names), *(Body(dav("href"), [href]) for href in hrefs)]).bytes()


def _prop(names: Iterable[str]) -> Body:
    return Body(dav("prop"), [Body(name) for name in names])


def parse(content: bytes) -> Element:
    """A server's document.

    Raises:
        UnreadableXml: it is none, or one with a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXml(f"it is no XML ({type(error).__name__})") from None
    if root.getroottree().docinfo.doctype:
        raise UnreadableXml("it has a document type, which WebDAV has not")
    return root


def multistatus(content: bytes) -> Multistatus:
    """The resources in an answer.

    Raises:
        UnreadableXml: it is no multistatus.
    """
    root = parse(content)
    if root.tag != dav("multistatus"):
        raise UnreadableXml("it is XML, and no multistatus")
    token = root.find(TOKEN)
    told = tuple(member for one in root.iterchildren(dav("response")) for member in _members(one))
    return Multistatus(told, (token.text or "").strip() or None if token is not None else None)


def conditions(content: bytes) -> frozenset[str]:
    """The RFCs' names in a DAV:error (RFC 4918 §16), bare; none where the content is something else."""
    try:
        root = parse(content)
    except UnreadableXml:
        return frozenset()
    if root.tag != dav("error"):
        return frozenset()
    names = [etree.QName(one) for one in root if isinstance(one.tag, str)]
    return frozenset(name.localname for name in names if name.namespace in (DAV, CAL))


def _members(response: Element) -> Iterator[Member]:
    props: dict[str, Element] = {}
    lacks: set[str] = set()
    for propstat in response.iterchildren(dav("propstat")):
        status = _status(propstat, 200)
        found = propstat.find(dav("prop"))
        told = {} if found is None else {one.tag: one for one in found if isinstance(one.tag, str)}
        if 200 <= status < 300:
            props.update(told)
        elif status == 404:
            lacks.update(told)
    worst = _status(response, 200)
    for href in _hrefs(response):
        yield Member(href, worst, props, frozenset(lacks))


def _hrefs(element: Element) -> Iterator[str]:
    for one in element.iterchildren(dav("href")):
        if (text := (one.text or "").strip()) and all(letter.isprintable() for letter in text):
            yield text


def _status(element: Element, usual: int) -> int:
    """RFC 4918 §14.28: `HTTP/1.1 404 Not Found`."""
    found = element.find(dav("status"))
    parts = (found.text or "").split() if found is not None else []
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else usual
