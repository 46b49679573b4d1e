"""`make learn`: learn the weights under rules/text/learned from what is labelled in the folders beside this file.

Multinomial logistic regression by AdaGrad, in a fixed order from a fixed seed, so that the same labels give the same
weights. A file of sentences or titles is `label<TAB>text`, one example a line; in one of moments a line is a
sentence or more, and «these» surround each clock time at which the session starts.
"""

import hashlib
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from agendad.rules.text import classifier, moments
from agendad.rules.text.features import features, plain_words
from agendad.rules.text.lexicon import fold
from agendad.rules.text.sentences import kinds_of, without_greeting
from agendad.rules.topic import normal

HERE = Path(__file__).parent
LEARNED = HERE.parent.parent / "rules" / "text" / "learned"
NAMES = ("sentences", "titles", "moments")
EPOCHS = 12
RATE = 0.1
SCALE = 1 / 24
"""A weight is kept in steps of this size, up to 127 of them."""
LEAST = 0.1
"""Features that say less than this of every class are left out."""

Example = tuple[str, str]
Featured = tuple[str, list[str]]
"""A label, and what is looked at."""
Weights = dict[str, list[float]]


def examples(folder: Path) -> list[Example]:
    found = []
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            label, tab, text = line.partition("\t")
            if tab:
                found.append((label, text))
    return found


def marked_lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("*.txt")) for line in path.read_text("utf-8").splitlines() if line]


def digest(name: str) -> str:
    """Of the labels that a judgement is learned from."""
    folders = [HERE / name, *([HERE / "sentences"] if name == "moments" else [])]
    content = "\n".join(
        line
        for folder in folders
        for line in (*("\t".join(example) for example in examples(folder)), *marked_lines(folder))
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def featured(text: str, known: Container[str]) -> list[str]:
    folded = fold(text)
    return features(text, folded, kinds_of(folded), known)


def written(name: str, text: str) -> str:
    """A text as it is given to the judgement: titles come without capitals, sentences without a greeting."""
    return normal(text) if name == "titles" else without_greeting(text)


def moments_in(marked: str) -> Iterator[Featured]:
    """The clock times of a line, labelled `start` or `other`. What sentences call a topic has none that starts."""
    for sentence in moments.sentences(marked):
        plain, spans = _unmarked(sentence)
        found = moments.readings(plain)
        for place, one in enumerate(found):
            starts = any(one.start < end and start < one.end for start, end in spans)
            yield ("start" if starts else "other", moments.features(plain, found, place))


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    plain, spans = "", []
    for place, part in enumerate(re.split("[«»]", marked)):
        if place % 2:
            spans.append((len(plain), len(plain) + len(part)))
        plain += part
    return plain, spans


def labelled(name: str) -> tuple[list[Featured], set[str]]:
    """What is to be learned, and the words that the judgement must know even where they say nothing."""
    folder = HERE / name
    if name == "moments":
        topics = [text for label, text in examples(HERE / "sentences") if label == "topic"]
        return [one for line in (*marked_lines(folder), *topics) for one in moments_in(line)], set()
    texts = [(label, written(name, text)) for label, text in examples(folder)]
    met = Counter(word for _, text in texts for word in set(plain_words(fold(text))))
    known = {word for word, count in met.items() if count > 1}
    return [(label, featured(text, known)) for label, text in texts], known


def train(examples: Iterable[Featured], known: Container[str]) -> tuple[list[str], list[float], Weights]:
    examples = list(examples)
    classes = sorted({label for label, _ in examples})
    seen = Counter(feature for _, found in examples for feature in found)
    numbered = [(classes.index(label), [name for name in found if seen[name] > 1]) for label, found in examples]
    weights: Weights = {feature: [0.0] * len(classes) for feature, count in seen.items() if count > 1}
    steps: Weights = {feature: [0.01] * len(classes) for feature in weights}
    bias = [0.0] * len(classes)
    order = random.Random(1)  # noqa: S311 - the same order every time
    for _ in range(EPOCHS):
        order.shuffle(numbered)
        for label, found in numbered:
            _learn(label, [(weights[feature], steps[feature]) for feature in found], bias)
    return classes, bias, {feature: row for feature, row in weights.items() if feature in known or _says(row)}


def _learn(label: int, rows: list[tuple[list[float], list[float]]], bias: list[float]) -> None:
    scores = bias[:]
    for row, _ in rows:
        for place, weight in enumerate(row):
            scores[place] += weight
    most = max(scores)
    raised = [math.exp(score - most) for score in scores]
    whole = sum(raised)
    for place, value in enumerate(raised):
        error = value / whole - (place == label)
        if abs(error) < 1e-3:
            continue
        bias[place] -= 0.02 * error
        for row, step in rows:
            step[place] += error * error
            row[place] -= RATE * error / math.sqrt(step[place])


def _says(row: list[float]) -> bool:
    return max(map(abs, row)) >= LEAST


def packed(weights: Weights) -> dict[str, bytes]:
    return {
        feature: bytes(max(1, min(255, round(weight / SCALE) + 128)) for weight in row)
        for feature, row in weights.items()
    }


def learn(name: str) -> None:
    classes, bias, weights = train(*labelled(name))
    rows = packed(weights)
    content = classifier.dump(classes, [round(value, 4) for value in bias], SCALE, rows, digest(name))
    (LEARNED / f"{name}.weights").write_bytes(content)
    print(f"{name}: {len(rows):,} features, {len(content) / 1024:.0f} KB")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NAMES:
        learn(chosen)
