"""How two people in two places would meet: the ways to join that an invite holds. No link is ever opened."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from agendad.providers.conference import MAX_SEARCHED, find_links
from agendad.providers.model import ConferenceLink, Event
from agendad.rules.text import body_text
from agendad.rules.text.lexicon import fold, words
from agendad.rules.text.patterns import PHONE, URL
from agendad.rules.text.products import is_conference_line
from agendad.rules.text.untrusted import MAX_TITLE

# a second way to join

_MEETINGS = {
    "zoom": re.compile(r"/(?:j|w|s|wc|wc/join)/(?P<number>\d{9,12})(?!\d)"),
    "teams": re.compile(r"/l/meetup-join/(?P<thread>19:[^/?#]+@thread\.\w+)|/meet/(?P<number>\d{9,})", re.IGNORECASE),
    "meet": re.compile(r"meet\.google\.com/(?P<code>[a-z]{3}-[a-z]{4}-[a-z]{3})\b", re.IGNORECASE),
    "webex": re.compile(r"webex\.com/(?:meet|join)/(?P<room>[\w.-]+)|/j\.php\?(?P<call>MTID=\w+)", re.IGNORECASE),
    "jitsi": re.compile(r"meet\.jit\.si/(?P<room>[\w.-]+)", re.IGNORECASE),
}
"""By product, what in a link names the meeting, and what kind of name that is."""
_OTHERWISE = re.compile(
    r"\b(?:back-?up|fall-?back|alternativ\w*|otherwise|or|plan b|in case|if|else|falls|sonst|notfalls|ersatz\w*|oder"
    r"|sinon|en cas|ou|secours|o|si|caso|senao|altrimenti|se|anders|reserve|of)\b|予備|代わり|または|もし|备用|如果|或"
)
_JOIN_WORDS = frozenset(
    words(
        """
        zoom teams meet google microsoft webex jitsi cisco join joining meeting video call link url here
        conference the to our we at on via with click now room details online vc mentoring session teilnehmen
        beitreten besprechung an der am hier klicken videokonferenz videoanruf zur rejoindre participer a la
        reunion lien ici visio visioconference unirse unete enlace aqui videollamada videoconferencia entrar na
        reuniao participar videochamada partecipa alla riunione qui videochiamata deelnemen vergadering
        videogesprek 参加 参加する ミーティング ミーティングに参加 ミーティングに参加する
        会議 会議に参加 会議に参加する リンク 加入 加入会议 会议 链接
        """
    )
)
_BREAK = re.compile(r"\n|<(?:br|/?p|/?li|/?div|/?td|/?tr|/?h\d)\b[^>]{0,500}>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{0,3000}>")
_ADDRESS = re.compile(r"<?https?://\S{1,2000}")
_AROUND = 4_000
"""Characters on either side of a link within which its line ends."""


def left_over(event: Event) -> tuple[ConferenceLink, ConferenceLink] | None:
    """The invite's own way to join, and another that its words still hold, to another meeting; None if there is none.

    Own is what the vendor's entry for it holds, or the place. A second way on purpose ("if Meet fails: …"), a link
    in a sentence about something else, and links that cannot be compared are none.
    """
    if len(event.conference) < 2 and "//" not in event.location:
        return None
    own = _own(event)
    if own is None:
        return None
    for text, is_place in ((event.location, True), (event.text, False), (event.html, False)):
        for link in find_links((), (text,)):
            differs = (link.url != own.url) and _other_meeting(own, link)
            if differs and not (is_place and _in(own, event.location)) and _is_a_way_to_join(link.url, text):
                return own, link
    return None


def _own(event: Event) -> ConferenceLink | None:
    """The first link, where it is not merely the first in the body."""
    own = next(iter(event.conference), None)
    if own is None or own.product not in _MEETINGS:
        return None
    written = find_links((), (event.location, event.url, event.text, event.html))
    in_body_only = bool(written) and written[0].url == own.url and not _in(own, event.location)
    return None if in_body_only else own


def _in(link: ConferenceLink, text: str) -> bool:
    return any(found.url == link.url for found in find_links((), (text,)))


def _other_meeting(one: ConferenceLink, other: ConferenceLink) -> bool:
    """Certainly another: of another product, or another name of the same kind."""
    first, second = _name(one), _name(other)
    if second is None or one.product not in _MEETINGS:
        return False
    if one.product != other.product:
        return True
    return first is not None and first[0] == second[0] and first[1] != second[1]


def _name(link: ConferenceLink) -> tuple[str, str] | None:
    """(kind of name, name) of the meeting that a link joins; None where it does not tell."""
    pattern = _MEETINGS.get(link.product)
    found = pattern.search(unquote(link.url)) if pattern else None
    if found is None or found.lastgroup is None:
        return None
    return found.lastgroup, found[found.lastgroup].lower()


def _is_a_way_to_join(url: str, text: str) -> bool:
    """Whether the line that a link stands on, and the label above it, say nothing but that one joins there."""
    text = text.replace("&amp;", "&")
    start = text.find(url)
    if start < 0:
        return False
    before = _BREAK.split(text[max(0, start - _AROUND) : start])
    after = _BREAK.split(text[start + len(url) : start + len(url) + _AROUND])[0]
    line = _said(before[-1] + " " + url + after)
    label = next(filter(None, map(_said, reversed(before[:-1]))), "")
    if line.startswith((">", "-", "*", "•")) or _OTHERWISE.search(line):
        return False
    said = _words(line)
    if not _JOIN_WORDS.issuperset(said):
        return False
    if not label or (said and not label.endswith((":", "："))):
        return True
    return _JOIN_WORDS.issuperset(_words(label)) or is_conference_line(label, label)


def _words(folded: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", folded)


def _said(piece: str) -> str:
    """What people see of a piece of a body, without addresses."""
    shown = _TAGS.sub(" ", piece)
    return fold(" ".join(_ADDRESS.sub(" ", shown).split()))


# no way to join

_NO_PLACE = re.compile(
    r"(?:(?:microsoft )?teams(?:[ -](?:meeting|call|besprechung))?|microsoft teams-besprechung|reunion microsoft teams"
    r"|(?:google )?meet|zoom(?: (?:meeting|call))?|(?:cisco )?webex(?: meeting)?|jitsi"
    r"|online(?: meeting)?|virtual(?:ly)?|remote(?:ly)?|video(?: ?call| ?chat| ?conference)?|web|internet|vc"
    r"|tbd|tba|tbc|to be (?:decided|confirmed|announced|determined)|\?+|-+|n/?a|none"
    r"|virtuell|digital|remote|videokonferenz|videoanruf|videocall|noch offen|folgt|wird noch bekannt gegeben"
    r"|en ligne|visio(?:conference)?|a distance|a definir|a confirmer"
    r"|en linea|videollamada|videoconferencia|a distancia|por definir|por confirmar"
    r"|videochamada|a confirmar|on-?line"
    r"|videochiamata|videoconferenza|da definire|a distanza"
    r"|videogesprek|videobellen|op afstand|nog te bepalen|volgt nog|n\.?t\.?b\.?"
    r"|オンライン|ビデオ会議|ビデオ通話|リモート|未定|线上|線上|网上|在线|远程|视频(?:会议|通话)?|待定)"
    r"(?:\s*[(（\[].{0,60}[)）\]])?"
)
"""A location that is none (folded text)."""
_KNOWN_OTHERWISE = re.compile(
    # somebody calls, or is called
    r"\b(?:phone|telephone|mobile|cell|whatsapp|facetime|skype|signal|telegram|viber|wechat|imessage|huddle|discord"
    r"|slack|ping (?:you|me)|(?:call|ring|phone) (?:you|me|your|my)|(?:on|via|over|by|through|in) teams"
    r"|telefon\w*|telefoneer\w*|anruf\w*|handy|(?:rufe?|ruf) \w{0,4} ?(?:dich|mich|sie)?.{0,12}\ban"
    r"|telephon\w*|t'appelle|t’appelle|m'appelles?|m’appelles?|appelle-\w+|te rappelle|vous r?appelle"
    r"|llamo|llamas|llamame|llamada telefonica|movil|te ligo|me liga|ligo para|telemovel|celular"
    r"|ti chiamo|mi chiami|cellulare|bel (?:je|jou|me|ik)|belt|telefonisch"
    # both know where
    r"|(?:same|usual|regular|standing|permanent|personal|our) (?:zoom |teams |meet |video |old )?"
    r"(?:link|room|place|spot|call|zoom|meet|channel)|as (?:usual|always)|where we (?:always|usually)"
    r"|(?:gleiche\w*|selbe\w*|derselbe|ublich\w*|gewohnt\w*) (?:\w+-?)?(?:link|raum|ort|platz)"
    r"|wie (?:immer|ublich|gehabt)"
    r"|(?:meme|habituel\w*) (?:lien|salle|endroit|lieu)|(?:lien|salle|endroit|lieu) habituel\w*|comme d'habitude"
    r"|mism[oa] (?:enlace|sala|sitio|lugar)|de siempre|(?:enlace|sala|lugar) habitual|como siempre"
    r"|mesm[oa] (?:link|sala|lugar)|de sempre|(?:link|sala|lugar) habitual|como sempre"
    r"|stess[oa] (?:link|sala|posto)|solit[oa] (?:link|sala|posto)|come (?:al solito|sempre)"
    r"|zelfde (?:link|plek|ruimte)|vaste (?:link|plek)|gebruikelijke \w+|zoals altijd"
    # they meet in one place
    r"|in person|face to face|face-to-face|f2f|on ?-?site|my (?:office|desk|place)|your (?:office|desk|place)|lunch"
    r"|breakfast|dinner|canteen|cafeteria|cafe|coffee (?:shop|at|in)|restaurant|lobby|reception|walk|hallway"
    r"|vor ort|personlich|prasenz|mittagessen|kantine|buro|spaziergang"
    r"|en personne|presentiel|dejeuner|cantine|bureau|en persona|presencial\w*|almuerzo|comedor|oficina"
    r"|pessoalmente|almoco|escritorio|di persona|in presenza|pranzo|mensa|ufficio"
    r"|in het echt|op locatie|op kantoor|kantine|lunchen)\b"
    r"|電話|通話で|ライン|line通話|いつもの|同じリンク|対面|直接会|オフィスで|ランチ|电话|打给|微信|钉钉|企业微信|老地方|同样的链接|一样的链接"
    r"|当面|线下|办公室|午饭|食堂"
)
_BARE = re.compile(
    r"(?<![\w@])(?:[\w-]{1,63}\.){0,4}(?:zoom\.us|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|webex\.com"
    r"|meet\.jit\.si|whereby\.com)/\S",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\d/.-])\d{3}[ -]\d{3,4}[ -]\d{3,4}(?![\d/.-])|(?<![\d/.-])0\d{1,4}[ /-]\d{3,}"
    r"|\b(?:meeting|conference)[ -]?id\b"
)
"""A meeting's number, or a local telephone number."""
_READING = re.compile(
    r"//(?:[\w-]+\.)*(?:docs\.google|drive\.google|youtube|youtu\.be|wikipedia|github|gitlab|notion|dropbox|sharepoint"
    r"|onedrive|1drv|atlassian|figma|miro|medium|arxiv|doi|linkedin|loom|overleaf|trello|asana|hackmd|substack|ted"
    r"|schemas\.microsoft|w3)\."
    r"|//(?:youtu\.be|doi\.org|1drv\.ms|notion\.so)/|\.(?:pdf|html?|docx?|pptx?|xlsx?|md|txt|png|jpe?g)(?:[?#]|$)",
    re.IGNORECASE,
)
"""What is read or watched, and no way to join."""


def has_no_way_to_join(event: Event) -> bool:
    """Whether it is certain that an invite says nothing of how the two would meet.

    A place, a telephone, a link that may be a room, and words such as "same link as last time" are ways, and a
    body that cannot be read may hold one.
    """
    body = body_text(event)
    if event.conference or event.url.strip() or not event.body_readable or body.cut:
        return False
    place = fold(event.location).strip(" .;,")
    if place and not _NO_PLACE.fullmatch(place):
        return False
    if _KNOWN_OTHERWISE.search(fold("\n".join([event.title[:MAX_TITLE], *body.visible]))):
        return False
    if any(_holds_a_number(source) for source in (event.title[:MAX_TITLE], event.text, event.html)):
        return False
    return all(_READING.search(url) or _is_a_front_page(url) for url in _links(event))


def _holds_a_number(source: str) -> bool:
    """Of a telephone or a meeting, or a link without its scheme: also in blocks that nobody wrote."""
    if _BARE.search(source) or "tel:" in source:
        return True
    shown = fold(_ADDRESS.sub(" ", _TAGS.sub(" ", source[:MAX_SEARCHED])))
    return PHONE.search(shown) is not None or _NUMBER.search(shown) is not None


def _is_a_front_page(url: str) -> bool:
    """As in a signature."""
    parts = _parts(url)
    return parts is not None and not (parts.path.strip("/") or parts.query or _ROOMY.search(parts.netloc))


_ROOMY = re.compile(r"meet|video|call|talk|room|conf|jitsi|bbb|vc\.", re.IGNORECASE)


def _parts(url: str) -> SplitResult | None:
    """None where it is like an address and none: people may know what was meant by it."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _links(event: Event) -> Iterator[str]:
    for source in (event.location, event.text, event.html):
        for found in URL.finditer(source):
            url = found[0].strip("<>()")
            parts = _parts(url if "//" in url else f"//{url}")
            if parts is None or parts.netloc:
                yield url if "//" in url else f"https://{url}"
