"""Labelled invites to a first call: which half of an introduction is in it. See introductions/README.md."""

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from verdicts.bodies_corpus import event_of
from verdicts.outcome import Outcome

from agendad.rules.text.introduction import introduction

FOLDER = Path(__file__).parent / "introductions"


def outcomes() -> Iterator[Outcome]:
    """What each invite was labelled with, and is taken for."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for verdicts, bodies in YAML(typ="safe").load(path.read_text(encoding="utf-8")).items():
            for body in bodies:
                found = introduction(event_of(body))
                yield Outcome(
                    source=path.name,
                    what=str(body),
                    wanted=frozenset(verdicts.split("|")),
                    given=found.verdict,
                    why="; ".join(filter(None, (found.why, found.learn, found.doubt))),
                )
