"""Telling text in a language that is not supported from text that is."""

import re

from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import fold, phrases

_FOREIGN_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u1cff\u1100-\u11ff\ua000-\uabff\uac00-\ud7ff\ufb1d-\ufdff\ufe70-\ufefe]"
)
_LETTER = re.compile(r"[^\W\d_]")
_FOREIGN_LETTER = re.compile(r"[ąćęłńśźżčďěňřšťůžőűğışțăâđåøþðăơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_WORD = re.compile(r"[^\W\d_]+")

# Everyday words of neighbouring languages that the supported ones do not have.
_FOREIGN_WORDS = frozenset(
    phrases(
        """
        jest, nie, sie, oraz, przez, dla, czy, jak, moze, spotkanie, spotkania, omowienie, porozmawiamy,
        zobaczenia, czesc, dzien, dobry, chcialbym, moja, moje, moj, twoje, bede, tego, ktory, ktore,
        pytania, kariery, rozwoj, dziekuje, prosze, witam, nasze, naszego, po, nad, pod, przed, rozmowa,
        rozmowy, temat, tematy, plan, omowimy, omowic, plany, przyszly, przyszlosc, naszych, spotkajmy,
        bych, chtel, chtela, svou, svuj, moji, muj, probrat, jsem, jsme,
        neni, pro, nebo, take, schuzka, prosim, dekuji, ahoj, nase, bude, budeme, probereme, och, att,
        det, ar, inte, som, jag, vi, pa, av, mote, motet, hej, vill, mina, mitt, din, ditt, diskutera,
        prata, genomgang, tack, hos, vara, ska, skal, og, ikke, jeg, mode, moete, hei, gjennomgang,
        snakke, snakker, gerne, gjerne, karriere, tak, takk, ses, ja, etta, ovat, mutta, kanssa, myos,
        kokous, tapaaminen, moi, kiitos, keskustellaan, keskustella, asiat, lisaksi, palaute, urani, es,
        hogy, nem, egy, vagy, megbeszeles, szia, koszonom, kerdes, kerdesek, az, kell, lesz, szeretnem,
        karrier, ve, bir, icin, ile, bu, degil, toplanti, merhaba, gorusme, konusalim, hakkinda,
        tesekkurler, kariyer, gundem, konu, konular, nasil, si, nu, este, sunt, pentru, despre,
        intalnire, buna, multumesc, vreau, discutam, discutie, sa, mea, meu, cariera, va, cua, la, cac,
        cho, khong, toi, ban, nhung, trong, duoc, thao, luan, hop, cuoc, chung, dan, yang, untuk, dengan,
        ini, itu, adalah, tidak, saya, kita, akan, tentang, pertemuan, diskusi, rapat, membahas, terima,
        kasih, sam, smo, nije, sto, kako, sastanak, hvala, molim, razgovor, nas, razgovarati
        """
    )
)

# Of these, the ones that are no word or name of a supported language: one is enough where nothing speaks against it.
_CERTAIN = frozenset(
    phrases(
        """
        jest, nie, sie, oraz, przez, czy, moze, dla, ktory, ktore, jsem, jsme, neni, nebo, och, att, inte, jag, ikke,
        jeg, gjerne, mutta, kanssa, myos, hogy, nem, egy, vagy, szeretnem, szeretnek, icin, ile, degil, hakkinda, sunt,
        pentru, despre, vreau, cua, khong, nhung, trong, duoc, yang, untuk, dengan, adalah, tidak, tentang,
        nije, smo, sastanak, hvala, rozmowa, rozmowy, rozmowie, spotkanie, spotkania, kariery
        """
    )
)


def is_foreign(text: str) -> bool:
    """True where a text is mostly in an unsupported script or language.

    >>> is_foreign("Обсудим карьеру и проект"), is_foreign("Porozmawiamy o mojej ścieżce kariery i awansie")
    (True, True)
    >>> is_foreign("Let's discuss the Łódź project")
    False
    """
    if text.isascii():
        return _mostly_foreign_words(text, 0)
    strange = len(_FOREIGN_SCRIPT.findall(text))
    if strange >= 2 and strange * 2 > len(_LETTER.findall(text)):
        return True
    return _mostly_foreign_words(text, _foreign_letters(text))


def _foreign_letters(text: str) -> int:
    """Letters that no supported language has. A capitalised word may be a name: it counts once at most."""
    count = 0
    for position, word in enumerate(_WORD.findall(text)):
        letters = len(_FOREIGN_LETTER.findall(word.lower()))
        count += min(letters, 1) if position and word[0].isupper() else 2 * letters
    return count


def _mostly_foreign_words(text: str, letters: int) -> bool:
    found = [word for word in _WORD.findall(fold(text).replace("ı", "i")) if len(word) > 1]
    count = len(found)
    if not count or count > 400:
        return False
    known = sum(word in _FOREIGN_WORDS for word in found)
    supported = sum(len(word) > 2 and word in _SUPPORTED_WORDS for word in found)
    if letters and known + letters >= 2:
        return known + letters > supported
    if not supported and count > 1 and not _CERTAIN.isdisjoint(found):
        return True
    return supported <= known and known >= 2 and known * 4 >= count


def _supported_words() -> frozenset[str]:
    found: set[str] = set()
    for language in LANGUAGES:
        for listing in (language.filler, language.person, language.logistics, language.social, language.topic):
            found.update(phrase for phrase in phrases(listing) if " " not in phrase and "~" not in phrase)
    return frozenset(found)


_SUPPORTED_WORDS = _supported_words()
