"""One round of a delta: its pages put together.

Source: https://learn.microsoft.com/graph/delta-query-overview (order, replays and duplicates).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agendad.providers.graph_events import Resource


@dataclass(frozen=True, slots=True)
class Round:
    """What a delta told, in no particular order: by id the latest state of each thing, and what is called removed."""

    items: dict[str, Resource]
    removed: frozenset[str]
    link: str | None

    @classmethod
    def of(cls, pages: Iterable[Resource]) -> "Round":
        items: dict[str, Resource] = {}
        removed: set[str] = set()
        link = None
        for page in pages:
            link = page.get("@odata.deltaLink")
            for one in page["value"]:
                id_ = str(one.get("id") or "")
                if "@removed" in one:
                    removed.add(id_)
                elif id_ not in items or _modified(items[id_]) <= _modified(one):
                    items[id_] = one
        return cls(items, frozenset(removed), str(link) if link else None)


def _modified(resource: Resource) -> str:
    return str(resource.get("lastModifiedDateTime") or "")
