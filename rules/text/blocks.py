"""What of a body a person wrote for this session: conference blocks, signatures, quotes and footers removed."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agendad.providers.model import Event
from agendad.rules.text.html import (
    MAX_MARKUP,
    html_lines,
    is_fragment,
    looks_like_html,
    seen_markup,
    without_zero_width,
)
from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import Kind, Vocabulary, fold, phrases
from agendad.rules.text.patterns import BULLET, DIGIT, EMAIL, PHONE, URL
from agendad.rules.text.signatures import NAME, SIGNATURE_LINES, contact_block, is_closing

MARKER = "[agendad]"
"""Every line that agendad writes into an event holds it; such lines are nobody's agenda."""

MAX_LINES = 2000
MAX_LINE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A line somebody wrote. `text` has neither bullet nor addresses; `documents` are links to documents."""

    text: str
    bullet: bool = False
    links: tuple[str, ...] = ()
    paragraph: bool = False
    """True after an empty line."""

    @property
    def documents(self) -> tuple[str, ...]:
        return tuple(link for link in self.links if _DOCUMENT_HOST.search(link))


@dataclass(frozen=True, slots=True)
class ReadableBody:
    """A body as people see it.

    `visible`: without conference blocks and our own lines. `written`: without signatures, quoted history and
    footers as well.
    """

    visible: tuple[str, ...] = ()
    written: tuple[Line, ...] = ()
    forwarded: tuple[Line, ...] = ()
    """What was written in a message that the author forwards; quoted history is not among it."""
    cut: bool = False
    """True if the body is longer than what is read of it."""


_DOCUMENT_HOST = re.compile(
    r"//(?:docs\.google|drive\.google|[\w.-]*notion\.(?:so|site)|[\w.-]*sharepoint\."
    r"|[\w.-]*atlassian\.net/wiki|[\w.-]*confluence"
    r"|[\w.-]*onedrive|1drv\.ms|[\w.-]*dropbox\.com|paper\.dropbox|hackmd\.io|coda\.io|[\w.-]*miro\.com"
    r"|[\w.-]*figma\.com"
    r"|[\w.-]*overleaf\.com|[\w.-]*office\.com|[\w.-]*quip\.com|[\w.-]*evernote\.com|[\w.-]*airtable\.com"
    r"|github\.com|gist\.github"
    r"|gitlab\.com|[\w.-]*trello\.com|pad\.[\w-]+|[\w.-]*etherpad|[\w.-]*cryptpad|[\w.-]*nextcloud"
    r"|[\w.-]*box\.com|docs\.qq\.com"
    r"|[\w.-]*feishu\.cn|[\w.-]*larksuite\.com|[\w.-]*yuque\.com|shimo\.im|wiki\.|[\w.-]*loop\.microsoft)",
    re.IGNORECASE,
)
_CONFERENCE_HOST = re.compile(
    r"//(?:[\w.-]*teams\.(?:microsoft|live)\.com|aka\.ms|[\w.-]*zoom\.(?:us|com)|[\w.-]*zoomgov\.com"
    r"|meet\.google\.com|tel\.meet|support\.google\.com/a/users|g\.co/"
    r"|[\w.-]*webex\.com|[\w.-]*gotomeet(?:ing)?\.(?:com|me)|[\w.-]*goto\.com|meet\.jit\.si|whereby\.com"
    r"|[\w.-]*chime\.aws|join\.skype\.com|meet\.lync|calendly\.com|dialin\.)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\s*(?:_{10,}|-{10,}|={10,}|\*{10,}|~{5,}|[-:~]{12,}|[.…․]{10,}|─{5,}|━{5,})\s*")
_FENCE_MARKS = frozenset(" _-=*~:.…․─━")
_GOOGLE_FENCE = re.compile(r"\s*-::?~[-:~]{8,}\s*")

_QUOTE_INTRO = re.compile(
    r"(?:on|am|le|el|em|il|op|a)\b.{4,200}\b(?:wrote|writes|schrieb|a ecrit|escribio|escreveu|ha scritto"
    r"|schreef)\b.{0,80}:?$"
    r"|.{4,80}(?:のメール|さんは書きました|が書きました|写道|wrote)\s*[:：]$"
)
_QUOTING = re.compile(r"wro|writ|schr|ecri|escr|ha s|メー|さん|が書|写道")
"""What every match of `_QUOTE_INTRO` holds; much faster to look for."""
_DASHED_QUOTE = re.compile(
    r"[-_*\s]{2,}\s*(?:original message|forwarded (?:message|by)|ursprungliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|message original"
    r"|message transfere|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada"
    r"|messaggio originale|messaggio inoltrato"
    r"|oorspronkelijk bericht|doorgestuurd bericht|元のメッセージ|転送されたメッセージ|原始邮件|转发的邮件"
    r"|邮件原件)\b.*"
    r"|begin forwarded message:?|anfang der weitergeleiteten nachricht:?"
)
_HEADER = re.compile(
    r"\*?(from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|envoye|a|objet|date"
    r"|enviado(?: el)?|para|asunto|fecha|assunto|data|enviada(?: em)?"
    r"|da|inviato|oggetto|van|verzonden|aan|onderwerp|差出人|送信日時|宛先|件名|发件人|发送时间|收件人"
    r"|主题|when|where|location|required|optional)\*?\s*[:：]"
)
_LEGAL = re.compile(
    r"(?:this (?:e-?mail|message|communication|invitation|invite)\b.{0,120}(?:confidential|intended"
    r"|privileged)"
    r"|confidentiality notice|disclaimer|if you (?:are not|have received) (?:the|this).{0,60}(?:intended"
    r"|in error|mistake)|privileged and confidential|please consider the environment"
    r"|diese (?:e-?mail|nachricht).{0,120}vertraulich|vertraulichkeitshinweis|este (?:mensaje|correo"
    r"|e-?mail).{0,160}confidencia|aviso (?:legal|de confidencialidad)"
    r"|ce (?:message|courriel|mail).{0,160}confidentiel|avis de confidentialite"
    r"|esta mensagem.{0,160}confidencia|aviso de confidencialidade|questo messaggio.{0,160}riservat"
    r"|questa (?:e-?mail|comunicazione).{0,160}riservat"
    r"|avviso di riservatezza|dit bericht.{0,160}(?:vertrouwelijk|bestemd)|deze (?:e-?mail"
    r"|mail).{0,160}vertrouwelijk|(?:本メール|このメール|本電子メール).{0,80}(?:機密|秘密)"
    r"|本邮件.{0,80}(?:保密|机密)"
    r"|registered (?:in england|office)|company (?:number|registration)|geschaftsfuhrer|amtsgericht"
    r"|handelsregister|all rights reserved|©)"
)
_SENT_FROM = re.compile(
    r"(?:sent (?:from|with|via) |get outlook for|gesendet (?:von|mit)|von meinem .{1,30} gesendet"
    r"|envoye (?:de|depuis|a partir)|enviado (?:desde|do|de|a partir)|inviato da|verzonden (?:vanaf|met"
    r"|via)|verstuurd vanaf|iphoneから送信|.{0,20}から送信|发自我的|从我的.{1,12}发送)"
)
_LABELLED_DETAIL = re.compile(
    r"(?:event name|event|event date.time|invitee|invitee email|invitee time zone|location|where|when|date"
    r"|time|start|end|duration|host|organi[sz]er|attendees|participants|guests|who|room|address|dress code"
    r"|parking|phone|tel|mobile"
    r"|ort|wo|wann|datum|uhrzeit|zeit|dauer|raum|teilnehmer|lieu|ou|quand|heure|duree|salle|participants"
    r"|lugar|donde|cuando|fecha|hora|duracion|sala|participantes|local|onde|quando|data|horario|duracao"
    r"|luogo|dove|ora|durata|partecipanti|locatie|waar|wanneer|tijd|duur|deelnemers|zaal"
    r"|場所|日時|時間|参加者|会議室|开始时间|时间|地点|参会人|会议室|会议时间|meeting id|passcode|pin|id"
    r"|password|kennwort|contrasena|mot de passe|senha|codice|wachtwoord|ミーティングid|パスコード|会议号"
    r"|会议 id|会议id|密码|会议密码)\s*[:：]"
)


_TECHNICAL = re.compile(r"\W*\d{1,3}(?:\.\d{1,3}){3}\b|.{0,60}\((?:utc|gmt)\s*[+\-−]\s*\d{1,2}[:.]\d\d\)")
"""A gateway's address, or a product's statement of the time."""
_FORM_LABEL = frozenset(["event name", "event date/time", "invitee", "invitee email", "invitee time zone"])
"""Labels of a booking product whose value stands on the next line."""


def _block_phrases() -> tuple[frozenset[str], Vocabulary]:
    conference = Vocabulary()
    alone: set[str] = set()
    for language in LANGUAGES:
        conference.add(language.conference, Kind.LOGISTICS)
        alone.update(phrases(language.conference_alone))
    return frozenset(alone), conference.freeze()


_CONFERENCE_ALONE, _CONFERENCE = _block_phrases()


def body_text(event: Event) -> ReadableBody:
    """The richer of the two bodies, as people see it: HTML where it shows anything, else the text."""
    return readable(event.text, event.html)


def readable(text: str, markup: str = "") -> ReadableBody:
    """See `body_text`."""
    lines, cut = _source_lines(text, markup)
    if not lines:
        return ReadableBody(cut=cut)
    visible = list(_without_conference(lines))
    written, quote = _written(visible)
    return ReadableBody(tuple(filter(None, visible)), tuple(written), _forwarded(visible, written, quote), cut)


def _source_lines(text: str, markup: str) -> tuple[list[str], bool]:
    """The lines, and whether there were more than are read."""
    if markup:
        seen, cut = seen_markup(markup)
        lines = html_lines(seen, keep_newlines=is_fragment(seen) and "\n" in seen and "<p" not in seen)
        if cut or any(lines):
            return _bounded(lines, cut=cut)
    if not text:
        return [], False
    if looks_like_html(text):
        seen, cut = seen_markup(text)
        return _bounded(html_lines(seen, keep_newlines=is_fragment(seen)), cut=cut)
    cut = len(text) > MAX_MARKUP
    text = text[:MAX_MARKUP]
    if "&" in text:
        text = html.unescape(text)
    text = without_zero_width(text).replace("\r\n", "\n").replace("\\n", "\n")
    lines, cut = _bounded(text.splitlines(), cut=cut)
    return [" ".join(line.split()) for line in lines], cut


def _bounded(lines: list[str], *, cut: bool) -> tuple[list[str], bool]:
    return [line[:MAX_LINE] for line in lines[:MAX_LINES]], cut or len(lines) > MAX_LINES


def is_conference_line(line: str, folded: str) -> bool:
    """True for a line that belongs to a conference block, wherever it stands."""
    if "//" in line and _CONFERENCE_HOST.search(line):
        return not _carries_topics(folded)
    if folded.strip(" ?|.:") in _CONFERENCE_ALONE:
        return True
    if DIGIT.search(folded) and _TECHNICAL.match(folded) and not _LABELLED_DETAIL.match(folded):
        return True
    if len(folded) > 200 or _carries_topics(folded):
        return False
    return _CONFERENCE.mentions(folded)


def _carries_topics(folded: str) -> bool:
    return folded.startswith(("agenda", "topics", "tagesordnung", "themen:", "議題", "アジェンダ", "议程"))


def _without_conference(lines: Sequence[str]) -> Iterable[str]:
    """Drops fenced blocks that hold a way to join, single lines of unfenced ones, and our own lines."""
    index, count = 0, len(lines)
    after_zoom = 0
    while index < count:
        line = lines[index]
        index += 1
        if MARKER in line:
            continue
        if line and line[0] in _FENCE_MARKS and _FENCE.fullmatch(line):
            end = _closing_fence(lines, index, google=_GOOGLE_FENCE.fullmatch(line) is not None)
            if end is not None:
                index = end
            else:
                yield ""
            continue
        folded = fold(line)
        if folded.rstrip(": ") in _FORM_LABEL:
            index += 1
            continue
        if folded and is_conference_line(line, folded):
            after_zoom = 4 if "zoom" in folded or "calendly" in folded else after_zoom
            yield ""
            continue
        if after_zoom and line:
            after_zoom -= 1
            if _ZOOM_TOPIC.match(folded):
                continue
        yield line


_ZOOM_TOPIC = re.compile(
    r"(?:topic|thema|tema|sujet|argomento|onderwerp|トピック|主题|time|uhrzeit|hora|heure|ora|tijd|時間"
    r"|时间)\s*[:：]"
)
_FENCED_BLOCK = 60


def _closing_fence(lines: Sequence[str], start: int, *, google: bool) -> int | None:
    """The index after the fence that ends a conference block begun before `start`; None if it is no such block."""
    joins = google
    for index in range(start, min(start + _FENCED_BLOCK, len(lines))):
        line = lines[index]
        if _FENCE.fullmatch(line):
            return index + 1 if joins else None
        joins = joins or bool(line and is_conference_line(line, fold(line)))
    return None


def _written(lines: Sequence[str]) -> tuple[list[Line], int | None]:
    """Drops signatures, quotes, legal footers, details of time and place, and bare addresses.

    Returns also where quoted history, a forwarded message or a footer begins, if anywhere.
    """
    written: list[Line] = []
    signature = 0
    paragraph = True
    contact = contact_block(lines)
    for index, line in enumerate(lines[:contact]):
        if not line:
            paragraph = True
            continue
        if line[0] == ">":
            continue
        folded = fold(line)
        if line in ("--", "- --", "—") or _ends_writing(folded, lines, index):
            return written, index
        if _drops(folded):
            continue
        bullet = BULLET.match(line)
        if is_closing(line, folded):
            signature = SIGNATURE_LINES
            paragraph = True
            continue
        if signature:
            name_is_due = signature == SIGNATURE_LINES
            if (
                bullet
                or len(line) > 70
                or folded.startswith(("ps", "p.s"))
                or line.endswith((":", "：", "?"))
                or (name_is_due and not NAME.fullmatch(line))
            ):
                signature = 0
            else:
                signature -= 1
                continue
        kept = _line(line, bullet, paragraph=paragraph)
        if kept.text or kept.links or (bullet and bullet.end() == len(line)):  # an address or number alone is left out
            written.append(kept)
        paragraph = False
    return written, None


def _forwarded(lines: Sequence[str], written: Sequence[Line], quote: int | None) -> tuple[Line, ...]:
    """The message beneath a marker of forwarding, or beneath the words "see below"."""
    if quote is None or _LEGAL.match(fold(lines[quote])):
        return ()
    if not (_FORWARD.search(fold(lines[quote])) or any(_SEE_BELOW.search(fold(line.text)) for line in written)):
        return ()
    rest = [line for line in lines[quote + 1 :] if not _HEADER.match(fold(line))]
    return tuple(_written([line.lstrip("> ") for line in rest])[0])


_FORWARD = re.compile(r"forwarded|weitergeleitete|transfere|reenviado|encaminhada|inoltrato|doorgestuurd|転送|转发")
_SEE_BELOW = re.compile(
    r"\bbelow\b|\bunten\b|\babajo\b|ci dessous|ci-dessous|\babaixo\b|\bsotto\b|di seguito|hieronder|\bonder\b"
    r"|下記|以下|见下|如下"
)


def _ends_writing(folded: str, lines: Sequence[str], index: int) -> bool:
    if folded[0] in "-_* ba" and _DASHED_QUOTE.fullmatch(folded):
        return True
    if _LEGAL.match(folded) or (_QUOTING.search(folded) and _QUOTE_INTRO.match(folded)):
        return True
    if _colon(folded) and _HEADER.match(folded):
        following = {match[1] for line in lines[index : index + 8] if (match := _HEADER.match(fold(line)))}
        return len(following) >= 3 and not following & {"when", "where"}
    return False


def _drops(folded: str) -> bool:
    if _SENT_FROM.match(folded) or (_colon(folded) and _LABELLED_DETAIL.match(folded)):
        return True
    if "+" in folded[:8] and PHONE.match(folded.lstrip(" -•*(")):
        return True
    return "original appointment" in folded or ("@" in folded and _HEADER.match(folded) is not None)


def _colon(folded: str) -> bool:
    return ":" in folded or "：" in folded


def _line(line: str, bullet: re.Match[str] | None, *, paragraph: bool) -> Line:
    text = line[bullet.end() :] if bullet else line
    links: list[str] = []
    if "//" in text or "www." in text:
        links = [found.strip("<>()") for found in URL.findall(text)]
        text = URL.sub(" ", text)
        links = [link for link in links if not _CONFERENCE_HOST.search(link)]
    if "@" in text:
        text = EMAIL.sub(" ", text)
    if DIGIT.search(text):
        text = PHONE.sub(" ", text)
    return Line(text.strip(), bullet is not None, tuple(links), paragraph)
