"""What was labelled, and what the rules made of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One labelled thing. `wanted` holds every verdict that is right."""

    source: str
    what: str
    wanted: frozenset[str]
    given: str
    why: str

    @property
    def right(self) -> bool:
        return self.given in self.wanted

    @property
    def held(self) -> bool:
        """Labelled before the rules had been tried on it."""
        return ".held." in self.source
