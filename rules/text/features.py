"""What of a sentence or title a learned judgement looks at: words, pairs of words, stems, endings, and kinds of words.

Chinese and Japanese are written without spaces: there it is single characters, pairs and triples. Of a word that the
judgement has never met, its shape is looked at: a capital where no sentence begins is often a name.
"""

from collections.abc import Container, Iterable, Iterator

from agendad.rules.text.lexicon import Kind, is_cjk, raw_words, words

MAX_FEATURES = 250
"""Of one text; people's sentences have fewer."""
_KIND_COUNT = max(Kind) + 1
_SHORT = 4
"""Words of a text whose shape as a whole is looked at."""


def features(text: str, folded: str, kinds: Iterable[int], known: Container[str]) -> list[str]:
    """The features of a text, each once.

    Args:
        text: as it was written.
        folded: see `agendad.rules.text.lexicon.fold`.
        kinds: of its words, see `agendad.rules.text.lexicon.Kind`.
        known: words that were met before.
    """
    found = words(folded)
    named, length = _of_words(found)
    named += _of_shapes(text, found, known)
    named.append(f"#{min(6, length.bit_length())}")
    named += [name for mark, name in _MARKS.items() if mark in text]
    if text.rstrip().endswith((":", "：")):
        named.append(":$")
    before = 0
    for kind in (*kinds, 0):
        named += _KINDS[before][kind]
        before = kind
    return list(dict.fromkeys(named))[:MAX_FEATURES]


_MARKS = {"?": "?", "？": "?", "!": "!", "！": "!", ":": ":", "：": ":"}
_KINDS = [[(f"k{kind}", f"k{before}-{kind}") for kind in range(_KIND_COUNT)] for before in range(_KIND_COUNT)]


def plain_words(folded: str) -> Iterator[str]:
    """The words of a folded text that can be known or not; a number is as good as another."""
    return ("0" if word.isdigit() else word for word in words(folded) if not is_cjk(word))


def _of_words(found: Iterable[str]) -> tuple[list[str], int]:
    """Features of the words, and how many words there are; two Chinese or Japanese characters are about one."""
    named: list[str] = []
    before, length = "^", 0
    for word in found:
        if not word.isascii() and is_cjk(word):
            run = f"^{word}$"
            named += word
            named += [run[i : i + 2] for i in range(len(run) - 1)]
            named += [run[i : i + 3] for i in range(len(run) - 2)]
            before = word[-1]
            length += 1 + len(word) // 2
            continue
        plain = "0" if word.isdigit() else word
        named += (plain, f"{before} {plain}")
        size = len(plain)
        if size > 4:
            named.append(f"~{plain[-3:]}")
            if size > 5:
                named.append(f"{plain[:5]}~")
        before = plain
        length += 1
    named.append(f"{before} $")
    return named, length


def _of_shapes(text: str, found: list[str], known: Container[str]) -> list[str]:
    """The shapes of unknown words, and for a short text that of all: N for a name or noun, w for a word, 0, c."""
    if len(found) > _SHORT and all(word in known for word in found):
        return []
    written = raw_words(text)
    if len(written) != len(found):
        return []
    named, whole = [], []
    for place, (word, folded) in enumerate(zip(written, found, strict=True)):
        if folded in known:
            whole.append("N" if word[0].isupper() else "w")
            continue
        shape = "c" if is_cjk(word) else "0" if word[0].isdigit() else "N" if word[0].isupper() else "w"
        strange = shape in "Nw"
        whole.append(f"{shape}?" if strange else shape)
        if strange:
            named.append(f"u{shape}" if place else f"u^{shape}")
    if len(whole) <= _SHORT:
        named.append(f"S{''.join(whole)}")
    return named
