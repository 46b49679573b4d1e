"""Judgements learned from labelled texts: for each class the sum of what each feature says for and against it.

The weights are made from the labelled sentences under tests/verdicts by `make learn`. They are whole numbers, and so
is the sum: the same text has the same verdict on every machine.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp

_FIELD = 16
"""Bits that a class has in a packed row; a weight has eight of them, so that 250 rows can be added up."""
_ZERO = 128


@dataclass(frozen=True, slots=True)
class Classifier:
    """One learned judgement. `rows` holds a packed weight for each class, by feature."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    scale: float
    rows: Mapping[str, int]

    def logits(self, features: Iterable[str]) -> dict[str, float]:
        """What speaks for each class, as log-odds up to a constant."""
        known = list(filter(None, map(self.rows.get, features)))
        total, empty = sum(known), _ZERO * len(known)
        mask = (1 << _FIELD) - 1
        return {
            name: self.bias[place] + ((total >> (_FIELD * place) & mask) - empty) * self.scale
            for place, name in enumerate(self.classes)
        }

    def telling(self, features: Iterable[str], name: str, count: int = 3) -> list[str]:
        """The features that speak most for a class."""
        place = self.classes.index(name)
        weighed = [
            ((self.rows[feature] >> (_FIELD * place) & 255) - _ZERO, feature)
            for feature in features
            if feature in self.rows
        ]
        return [feature for weight, feature in sorted(weighed, reverse=True)[:count] if weight > 0]


def shares(logits: Mapping[str, float]) -> dict[str, float]:
    """Probabilities.

    >>> shares({"a": 0.0, "b": 0.0})
    {'a': 0.5, 'b': 0.5}
    """
    most = max(logits.values())
    raised = {name: exp(logit - most) for name, logit in logits.items()}
    whole = sum(raised.values())
    return {name: value / whole for name, value in raised.items()}


def dump(
    classes: Iterable[str], bias: Iterable[float], scale: float, rows: Mapping[str, bytes], made_from: str
) -> bytes:
    """The file that `load` reads. A row has one byte for each class: the weight divided by `scale`, plus 128."""
    head = {"classes": list(classes), "bias": list(bias), "scale": scale, "features": len(rows), "made_from": made_from}
    names = sorted(rows)
    lines = [json.dumps(head), *names]
    return zlib.compress("\n".join(lines).encode() + b"\n" + b"".join(rows[name] for name in names), 9)


def made_from(name: str) -> str:
    """The digest of the labelled texts that a learned judgement was made from."""
    return str(json.loads(_content(name).partition(b"\n")[0])["made_from"])


@lru_cache
def load(name: str) -> Classifier:
    """A learned judgement by its name."""
    content = _content(name)
    first, _, rest = content.partition(b"\n")
    head = json.loads(first)
    size, width = head["features"], len(head["classes"])
    weights = rest[-size * width :]
    names = rest[: -size * width].decode().split("\n")[:size]
    packed = bytearray(2 * len(weights))
    packed[0::2] = weights
    step = 2 * width
    rows = {
        name: int.from_bytes(packed[at : at + step], "little")
        for name, at in zip(names, range(0, size * step, step), strict=True)
    }
    return Classifier(tuple(head["classes"]), tuple(head["bias"]), head["scale"], rows)


def _content(name: str) -> bytes:
    return zlib.decompress(files("agendad.rules.text").joinpath("learned", f"{name}.weights").read_bytes())
