"""Ways to join a meeting: from properties made for them, and from well-known links in the text."""

import re
from collections.abc import Iterable

from agendad.providers.model import ConferenceLink

_URL = re.compile(r"https?://[^\s<>\"'\\\]\[(){}|^`]{4,2000}", re.IGNORECASE)
# Host and path of links that join a meeting, not those that merely name a vendor.
_PRODUCTS = tuple(
    (product, re.compile(pattern, re.IGNORECASE))
    for product, pattern in (
        (
            "teams",
            r"https?://(?:[\w.-]+\.)?teams\.(?:microsoft|live)\.(?:com|us)/(?:l/meetup-join|meet|_#/meet)",
        ),
        ("teams", r"https?://(?:dod\.|gov\.)?teams\.microsoft\.us/l/meetup-join"),
        ("meet", r"https?://(?:meet\.google\.com/[a-z]|hangouts\.google\.com/|plus\.google\.com/hangouts/)"),
        ("zoom", r"https?://(?:[\w-]+\.)*(?:zoom\.us|zoom\.com|zoomgov\.com)/(?:j|my|w|s|wc)/"),
        ("webex", r"https?://[\w.-]+\.webex\.com/\S"),
        ("jitsi", r"https?://(?:meet\.jit\.si|8x8\.vc|jitsi\.[\w.-]+)/\S"),
        ("whereby", r"https?://(?:[\w-]+\.)?whereby\.com/\S"),
        ("skype", r"https?://(?:join\.skype\.com|meet\.lync\.com|(?:[\w.-]+\.)?lync\.com)/\S"),
        ("goto", r"https?://(?:[\w.-]+\.)?(?:gotomeeting\.com/join|goto\.com|gotomeet\.me)/\S"),
        ("bluejeans", r"https?://(?:[\w.-]+\.)?bluejeans\.com/\d"),
        ("chime", r"https?://(?:[\w.-]+\.)?chime\.aws/\S"),
        ("slack", r"https?://app\.slack\.com/huddle/"),
        ("discord", r"https?://discord\.(?:gg/|com/channels/)\S"),
        ("facetime", r"https?://facetime\.apple\.com/join"),
        ("bigbluebutton", r"https?://(?:bbb|bigbluebutton)[\w.-]*/(?:b|rooms)/\S"),
        ("around", r"https?://meet\.around\.co/\S"),
        ("gather", r"https?://app\.gather\.town/"),
        ("nextcloud", r"https?://[\w.-]+(?:/index\.php)?/call/[a-z0-9]{6,}\b"),
    )
)
MAX_SEARCHED = 200_000
"""Characters of one text that are searched."""


def product_of(url: str) -> str:
    """The lower-case product name, "other" if it is none we know.

    >>> product_of("https://us02web.zoom.us/j/123"), product_of("https://example.org/")
    ('zoom', 'other')
    """
    return next((product for product, pattern in _PRODUCTS if pattern.match(url)), "other")


def find_links(declared: Iterable[str], texts: Iterable[str]) -> tuple[ConferenceLink, ...]:
    """Links said to be ways to join, then known ones found in `texts`; each once, in that order."""
    links = {url.strip(): product_of(url.strip()) for url in declared if url.strip()}
    for text in texts:
        for match in _URL.finditer(text[:MAX_SEARCHED]):
            url = match[0].rstrip(".,;:!?*").replace("&amp;", "&")
            if url not in links and (product := product_of(url)) != "other":
                links[url] = product
    return tuple(ConferenceLink(url=url, product=product) for url, product in links.items())
