"""What of a body a person wrote for this session: conference blocks, signatures, quotes and footers removed."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from agendad.providers.model import Event
from agendad.rules.text.html import (
    MAX_MARKUP,
    html_lines,
    is_fragment,
    looks_like_html,
    seen_markup,
    without_zero_width,
)
from agendad.rules.text.lexicon import fold
from agendad.rules.text.patterns import BULLET, DETAIL, DIGIT, EMAIL, PHONE, TIMED, URL
from agendad.rules.text.products import CONFERENCE_HOST, states_time, without_conference
from agendad.rules.text.signatures import SIGNATURE_LINES, contact_block, is_closing, is_name, on_behalf

MAX_LINES = 2000
MAX_LINE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A line somebody wrote. `text` has neither bullet nor addresses; `documents` are links to documents."""

    text: str
    bullet: bool = False
    links: tuple[str, ...] = ()
    said_of_links: tuple[str, ...] = ()
    """For each of `links`, the words right before it."""
    paragraph: bool = False
    """True after an empty line."""
    arrow: bool = False
    """Its bullet was ">", which quotes as well."""
    heading: bool = False
    """It is marked as a heading, as Markdown has it."""

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
    stated: tuple[str, ...] = ()
    """The lines in which a product says when the meeting is, which are not among the others."""
    forwarded: tuple[Line, ...] = ()
    """What was written in a message that the author forwards; quoted history is not among it."""
    points_below: bool = False
    """True if the author says that what matters stands below, in what they forward."""
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
_QUOTE_INTRO = re.compile(
    r"(?:on|am|le|el|em|il|op|a)\b.{4,200}\b(?:wrote|writes|schrieb|a ecrit|escribio|escreveu|ha scritto"
    r"|schreef)\b.{0,80}:?$"
    r"|.{4,80}(?:のメール|さんは書きました|が書きました|写道|wrote)\s*[:：]$"
    r"|(?=.{0,60}\d).{4,160}<[\w.+-]{1,64}@[\w.-]{1,64}>\)?\s*[:：]$"
)
_QUOTING = re.compile(r"wro|writ|schr|ecri|escr|ha s|メー|さん|が書|写道|>\)?\s*[:：]$")
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
_BLOCK_LINES = 200
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


def body_text(event: Event) -> ReadableBody:
    """The richer of the two bodies, as people see it: HTML where it shows anything, else the text."""
    return readable(event.text, event.html)


@lru_cache(maxsize=128)
def readable(text: str, markup: str = "") -> ReadableBody:
    """See `body_text`. Several rules ask for the same body, and the occurrences of a series share one."""
    lines, cut = _source_lines(text, markup)
    if not any(lines):
        return ReadableBody(cut=cut)
    visible = list(without_conference(lines))
    written, quote = _written(visible)
    forwarded = _forwarded(visible, written, quote)
    below = quote is not None and any(_SEE_BELOW.search(fold(line.text)) for line in written)
    stated = tuple(line for line in lines[:_BLOCK_LINES] if states_time(line))
    return ReadableBody(
        visible=tuple(filter(None, visible)),
        written=tuple(written),
        stated=stated,
        forwarded=forwarded,
        points_below=below,
        cut=cut,
    )


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


def _written(lines: Sequence[str]) -> tuple[list[Line], int | None]:
    """Drops signatures, quotes, legal footers, details of time and place, and bare addresses.

    Returns also where quoted history, a forwarded message or a footer begins, if anywhere.
    """
    written: list[Line] = []
    signature = 0
    paragraph = True
    end = next((index for index, line in enumerate(lines) if line and _ends_writing(line, lines, index)), None)
    own = [*lines[:end], *_postscript(lines[end:] if end is not None else ())]
    for line in own[: contact_block(own)]:
        if not line:
            paragraph = True
            continue
        if line[0] == ">":
            if written and (written[-1].arrow or written[-1].text.endswith((":", "："))):
                written.append(replace(_line(line[1:].strip(), None, paragraph=False), bullet=True, arrow=True))
            continue
        folded = fold(line)
        if _drops(folded):
            continue
        bullet = BULLET.match(line) or TIMED.match(line)
        if is_closing(line, folded):
            signature = SIGNATURE_LINES
            paragraph = True
            continue
        if signature:
            name_is_due = signature == SIGNATURE_LINES
            if (
                (bullet and not on_behalf(line))
                or (len(line) > 70 and "|" not in line)
                or folded.startswith(("ps", "p.s"))
                or line.endswith((":", "：", "?"))
                or (name_is_due and not is_name(line))
            ):
                signature = 0
            else:
                signature -= 1
                continue
        kept = _line(line, bullet, paragraph=paragraph)
        if kept.text or kept.links or (bullet and bullet.end() == len(line)):  # an address or number alone is left out
            written.append(kept)
        paragraph = False
    while len(written) > 1 and _signs(written[-1], written[-2]):
        written.pop()
        if len(written) > 1 and written[-1].text.endswith(",") and len(written[-1].text.split()) < 5:
            written.pop()  # "Bien respectueusement,"
    return written, end


def _postscript(after: Sequence[str]) -> list[str]:
    """What somebody added under their signature."""
    start = next((index for index, line in enumerate(after) if _PS.match(line)), None)
    return [] if start is None or not after[0].startswith("-") else ["", *takewhile(bool, after[start:])]


def _signs(line: Line, before: Line) -> bool:
    """Whether a last line is the name of who wrote it, without a closing: what stands before it is a sentence."""
    if line.bullet or line.links or before.bullet or not is_name(line.text) or len(line.text.split()) > 3:
        return False
    ends = before.text.endswith((*_SENTENCE_ENDS, ","))
    return ends or len(before.text.split()) > 4 or not before.text.isascii()


def _forwarded(lines: Sequence[str], written: Sequence[Line], quote: int | None) -> tuple[Line, ...]:
    """The message beneath a marker of forwarding, or beneath the words "see below"."""
    if quote is None or _LEGAL.match(fold(lines[quote])):
        return ()
    if not (_FORWARD.search(fold(lines[quote])) or any(_SEE_BELOW.search(fold(line.text)) for line in written)):
        return ()
    rest = [line for line in lines[quote + 1 :] if not _HEADER.match(fold(line))]
    return tuple(_written([line.lstrip("> ") for line in rest])[0])


_FORWARD = re.compile(
    r"forwarded|weitergeleitete|transfere|reenviado|encaminhada|inoltrato|doorgestuurd|転送|转发"
    r"|original appointment|ursprunglicher termin|rendez-vous d'origine|cita original|compromisso original"
    r"|appuntamento originale|oorspronkelijke afspraak|元の予定|原始约会"
)
_SEE_BELOW = re.compile(
    r"\bbelow\b|\bunten\b|\babajo\b|ci dessous|ci-dessous|\babaixo\b|\bsotto\b|di seguito|hieronder|\bonder\b"
    r"|下記|以下|见下|如下"
)


_PS = re.compile(r"p\.? ?s\.?\s*[:：]?\s", re.IGNORECASE)
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "…")
_DASHED = re.compile(r"-{2,}\s*[^\W\d_][^-]{4,60}\s*-{2,}")
"""Like "-----Original Message-----", in whatever language."""


def _ends_writing(line: str, lines: Sequence[str], index: int) -> bool:
    if line in ("--", "- --", "—"):
        return True
    folded = fold(line)
    if line[0] == "-" and _DASHED.fullmatch(line) and _headers_in(lines[index + 1 : index + 9]) >= 3:
        return True
    if folded[0] in "-_* ba" and _DASHED_QUOTE.fullmatch(folded):
        return True
    if _LEGAL.match(folded) or (_QUOTING.search(folded) and _QUOTE_INTRO.match(folded)):
        return True
    if _colon(folded) and _HEADER.match(folded):
        following = {match[1] for line in lines[index : index + 8] if (match := _HEADER.match(fold(line)))}
        return len(following) >= 3 and not following & {"when", "where"}
    return False


def _headers_in(lines: Sequence[str]) -> int:
    return sum(re.match(r"[^\W\d_]{1,20}\s?[:：] ?\S", line) is not None for line in lines)


_REGISTERED = re.compile(
    r"\b(?:hr[ab] ?\d|ust-?id\w*|vat (?:no|reg|id)|rcs \w+ [\d ]{6}|siret?n?\b ?:?[\d ]{6}"
    r"|(?:p\.? ?|partita )iva\b.{0,5}\d|c\.f\. |cif:? ?[a-z]?\d|kvk\b.{0,5}\d|btw\b.{0,5}\d|cnpj|registro mercantil"
    r"|capitale sociale|au capital de|company (?:no|number)|abn \d|gstin|sede legale|inscrita en el"
    r"|統一編號|統一編号|营业执照|icp备)"
)
"""What companies must say of themselves."""


def _drops(folded: str) -> bool:
    if _REGISTERED.search(folded):
        return True
    if _SENT_FROM.match(folded) or (_colon(folded) and DETAIL.match(folded)):
        return True
    if "+" in folded[:8] and PHONE.match(folded.lstrip(" -•*(")):
        return True
    return "original appointment" in folded or ("@" in folded and _HEADER.match(folded) is not None)


def _colon(folded: str) -> bool:
    return ":" in folded or "：" in folded


_CLAUSE = re.compile(r"[.,;!?，。；！？、]\s*")


_MARKDOWN = re.compile(r"^#{1,6}\s+(.*)$|^([*_]{1,3})(?=\S)(.*)(?<=\S)\2$")
"""Marks of a heading, and of a line that is set apart."""


def _line(line: str, bullet: re.Match[str] | None, *, paragraph: bool) -> Line:
    text = line[bullet.end() :] if bullet else _MARKDOWN.sub(r"\1\3", line)
    links: list[tuple[str, str]] = []
    if "//" in text or "www." in text:
        links = [
            (found[0].strip("<>()"), _CLAUSE.split(text[: found.start()].rstrip(" :：-–<("))[-1])
            for found in URL.finditer(text)
            if not CONFERENCE_HOST.search(found[0])
        ]
        text = URL.sub(" ", text)
    if "@" in text:
        text = EMAIL.sub(" ", text)
    if DIGIT.search(text):
        text = PHONE.sub(" ", text)
    if not links and text.rstrip().endswith((":", "：")) and not line.rstrip().endswith((":", "：")):
        text = ""  # a label whose address or number was all there was
    return Line(
        text.strip(),
        bullet is not None,
        tuple(link for link, _ in links),
        tuple(said for _, said in links),
        paragraph,
        heading=line.startswith("#") and text != line,
    )
