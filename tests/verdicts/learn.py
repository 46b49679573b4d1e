"""`make learn`: learn the weights under rules/text/learned from the labelled sentences and titles beside this file.

Multinomial logistic regression by AdaGrad, in a fixed order from a fixed seed, so that the same labels give the same
weights. A file is `label<TAB>text`, one example a line.
"""

import hashlib
import math
import random
import sys
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path

from agendad.rules.text import classifier
from agendad.rules.text.features import features, plain_words
from agendad.rules.text.lexicon import fold
from agendad.rules.text.sentences import kinds_of
from agendad.rules.topic import normal

HERE = Path(__file__).parent
LEARNED = HERE.parent.parent / "rules" / "text" / "learned"
EPOCHS = 12
RATE = 0.1
SCALE = 1 / 24
"""A weight is kept in steps of this size, up to 127 of them."""
LEAST = 0.1
"""Features that say less than this of every class are left out."""

Example = tuple[str, str]
Weights = dict[str, list[float]]


def examples(folder: Path) -> list[Example]:
    found = []
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            label, tab, text = line.partition("\t")
            if tab:
                found.append((label, text))
    return found


def digest(folder: Path) -> str:
    content = "\n".join("\t".join(example) for example in examples(folder))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def featured(text: str, known: Container[str]) -> list[str]:
    folded = fold(text)
    return features(text, folded, kinds_of(folded), known)


def written(name: str, text: str) -> str:
    """A text as it is given to the judgement: titles come without capitals."""
    return normal(text) if name == "titles" else text


def train(labelled: Iterable[Example]) -> tuple[list[str], list[float], Weights]:
    labelled = list(labelled)
    classes = sorted({label for label, _ in labelled})
    met = Counter(word for _, text in labelled for word in set(plain_words(fold(text))))
    known = {word for word, count in met.items() if count > 1}
    numbered = [(classes.index(label), featured(text, known)) for label, text in labelled]
    seen = Counter(feature for _, found in numbered for feature in found)
    numbered = [(label, [feature for feature in found if seen[feature] > 1]) for label, found in numbered]
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
    folder = HERE / name
    classes, bias, weights = train((label, written(name, text)) for label, text in examples(folder))
    rows = packed(weights)
    content = classifier.dump(classes, [round(value, 4) for value in bias], SCALE, rows, digest(folder))
    (LEARNED / f"{name}.weights").write_bytes(content)
    print(f"{name}: {len(rows):,} features, {len(content) / 1024:.0f} KB")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or ("sentences", "titles"):
        learn(chosen)
